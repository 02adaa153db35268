/** Captures and corrections: every one of these may be repeated without harm. */
import { json, request } from './client';
import type { Capture, CapturePage, ServerCorrection } from './types';

export interface DeviceAnswer {
  readonly sha256: string;
  readonly label: string | null;
  readonly score: number;
  readonly top: readonly { readonly label: string; readonly score: number }[];
  readonly latency_ms: number | null;
}

export interface Outgoing {
  readonly id: string;
  readonly task: string;
  readonly captured_at: string;
  readonly department: string | null;
  readonly territory: string | null;
  readonly device: DeviceAnswer | null;
}

const address = (id: string): string => `/api/captures/${id}/`;

export const fileUrl = (id: string): string => `${address(id)}file/`;

export function putCapture(capture: Outgoing, file: Blob, signal: AbortSignal): Promise<Capture> {
  const body = new FormData();
  body.append('file', file, file.type.startsWith('audio/') ? 'sound.wav' : 'photo.jpg');
  body.append('task', capture.task);
  body.append('captured_at', capture.captured_at);
  if (capture.department !== null) body.append('department', capture.department);
  if (capture.territory !== null) body.append('territory', capture.territory);
  if (capture.device !== null) body.append('device_answer', JSON.stringify(capture.device));
  return json(address(capture.id), { method: 'PUT', body, signal });
}

export function putCorrection(id: string, label: string, signal: AbortSignal): Promise<ServerCorrection> {
  return json(`${address(id)}correction/`, {
    method: 'PUT',
    body: JSON.stringify({ label }),
    headers: { 'Content-Type': 'application/json' },
    signal,
  });
}

export async function deleteCorrection(id: string, signal: AbortSignal): Promise<void> {
  await request(`${address(id)}correction/`, { method: 'DELETE', signal });
}

export async function deleteCapture(id: string, signal: AbortSignal): Promise<void> {
  await request(address(id), { method: 'DELETE', signal });
}

/** Newest first; `page` is the `next` of the page before. */
export function listCaptures(page: string | null, signal: AbortSignal): Promise<CapturePage> {
  return json(page === null ? '/api/captures/' : here(page), { signal });
}

/** A proxy may make the server name itself otherwise: only path and query count. */
function here(link: string): string {
  const { pathname, search } = new URL(link, location.href);
  return pathname + search;
}
