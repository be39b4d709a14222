export interface NormalizeCase {
  readonly name: string
}

/** Runs one case of `normalize.jsonl`. @returns what differs; empty where all is as expected */
export function runNormalizeCase(test: NormalizeCase): Promise<readonly string[]>
