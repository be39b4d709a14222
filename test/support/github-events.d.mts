export function differencesFromDlt(path: string, dataset: string): Promise<readonly string[]>
