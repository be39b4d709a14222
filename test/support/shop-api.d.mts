export function serveShop(): Promise<{ readonly url: string; readonly close: () => Promise<void> }>
