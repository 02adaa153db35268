import { afterEach, expect, test, vi } from 'vitest';
import { departments, OfflineError, products, ProblemError } from './client';

afterEach(() => vi.unstubAllGlobals());

function serve(answer: () => Promise<Response>): void {
  vi.stubGlobal('fetch', answer);
}

test('a problem is known by its type', async () => {
  const body = { type: '/problems/busy', title: 'Busy', status: 503, detail: 'Later.' };
  const headers = { 'content-type': 'application/problem+json' };
  serve(() => Promise.resolve(new Response(JSON.stringify(body), { status: 503, headers })));
  const problem = departments();
  await expect(problem).rejects.toBeInstanceOf(ProblemError);
  await expect(problem).rejects.toMatchObject({ slug: 'busy', status: 503 });
});

test('an error page of something in between is a problem too', async () => {
  serve(() => Promise.resolve(new Response('<html>', { status: 502 })));
  await expect(departments()).rejects.toMatchObject({ slug: 'http-502' });
});

test('no answer at all is being offline', async () => {
  serve(() => Promise.reject(new TypeError('Failed to fetch')));
  await expect(departments()).rejects.toBeInstanceOf(OfflineError);
});

test('what was given up is not being offline', async () => {
  const abort = new AbortController();
  serve(() => Promise.reject(new DOMException('aborted', 'AbortError')));
  abort.abort();
  await expect(products('pile', abort.signal)).rejects.toMatchObject({ name: 'AbortError' });
});
