export function stepsFor(scenario: object, engine: string): Record<string, never>[]
