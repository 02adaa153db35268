/** The app's other tabs show the same scans and the same account: each says when it changed them. */
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('tamis') : null;

export function tellTabs(): void {
  channel?.postMessage(null);
}

export function whenTold(reload: () => void): void {
  channel?.addEventListener('message', reload);
}
