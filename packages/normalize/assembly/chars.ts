export const QUOTE: u8 = 0x22
export const BACKSLASH: u8 = 0x5c
export const COMMA: u8 = 0x2c
export const COLON: u8 = 0x3a
export const OPEN_OBJECT: u8 = 0x7b
export const CLOSE_OBJECT: u8 = 0x7d
export const OPEN_LIST: u8 = 0x5b
export const CLOSE_LIST: u8 = 0x5d
export const NEWLINE: u8 = 0x0a
export const MINUS: u8 = 0x2d
export const PLUS: u8 = 0x2b
export const POINT: u8 = 0x2e
export const ZERO: u8 = 0x30

/** Value of a digit; any other character is more than 9. */
// @ts-ignore: decorator
@inline
export function digit(at: usize): u32 {
  return <u32>load<u8>(at) - 0x30
}

/** Skips blanks, but not the end of the line: a row does not go beyond it. */
// @ts-ignore: decorator
@inline
export function skipBlanks(at: usize): usize {
  let char = load<u8>(at)
  while (char == 0x20 || char == 0x09 || char == 0x0d) char = load<u8>(++at)
  return at
}
