/** A model's file, as it comes. */
import { OfflineError, request } from '../api/client';
import { ModelError } from './verify';

interface Announced {
  readonly url: string;
  readonly size_bytes: number;
}

/** Fetch what was announced; `onProgress` is told how much is here. Rejects with a ModelError or an OfflineError. */
export async function download(
  { url, size_bytes: total }: Announced,
  onProgress: (received: number, total: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  // Past the HTTP cache: it would give the same damaged bytes again, and keep a second copy of good ones.
  const response = await request(url, { cache: 'no-store' });
  if (response.body === null) throw new ModelError('not-a-model', 'empty answer');
  const bytes = new Uint8Array(total);
  let received = 0;
  for await (const part of chunks(response.body)) {
    if (received + part.length > total) throw new ModelError('wrong-sum', 'longer than announced');
    bytes.set(part, received);
    received += part.length;
    onProgress(received, total);
  }
  return bytes.subarray(0, received);
}

/** Safari has no async iteration of streams. */
async function* chunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const part = await reader.read().catch((cause: unknown) => {
      throw new OfflineError(cause); // the network went away half-way
    });
    if (part.done) return;
    yield part.value;
  }
}
