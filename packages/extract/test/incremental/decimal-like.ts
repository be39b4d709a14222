/** As much of decimal.js as Gantry looks at. */
export class Decimal {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  static isDecimal(value: unknown): boolean {
    return value instanceof Decimal
  }

  toString(): string {
    return this.text
  }
}
