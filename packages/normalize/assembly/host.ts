/* What the host does for the transcoder: `src/transcoder/memory.ts`. */

/** The double that a number's text stands for. */
export declare function parseDouble(text: usize, length: i32): f64

/** Writes a number's text as that of its double, in JSON or as Python prints it. @returns behind what was written */
export declare function printDouble(text: usize, length: i32, out: usize, isJson: bool): usize
