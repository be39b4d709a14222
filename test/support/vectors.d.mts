export const vectorsFolder: string
export function readVectors(name: string): string
