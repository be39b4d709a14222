/** The built WebAssembly module: the same file seen from the sources and from the build. */
export const transcoderFile: URL = new URL('../dist/transcoder.wasm', import.meta.url)
