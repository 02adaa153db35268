/** fetch + Problem → typed result. */
import type { Catalogue, Department, ModelEntry, Product, Rule, TaskAnswer } from './types';

/** The server answered, with a reason not to: RFC 9457, told apart by its type only. */
export class ProblemError extends Error {
  constructor(
    readonly slug: string,
    readonly status: number,
    detail: string,
    /** Seconds to wait, where the server said how long. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
    this.name = 'ProblemError';
  }
}

/** No answer came: no network, or the server is down. */
export class OfflineError extends Error {
  constructor(cause: unknown) {
    super('no answer', { cause });
    this.name = 'OfflineError';
  }
}

interface ProblemBody {
  readonly type?: string;
  readonly detail?: string;
  readonly title?: string;
}

async function problemOf(response: Response): Promise<ProblemError> {
  const isProblem = response.headers.get('content-type')?.includes('application/problem+json');
  const body = isProblem === true ? await parsed<ProblemBody>(response) : {};
  const slug = body.type?.split('/').pop() ?? `http-${response.status}`;
  const detail = body.detail ?? body.title ?? response.statusText;
  const wait = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  return new ProblemError(slug, response.status, detail, Number.isNaN(wait) ? null : wait);
}

/** Django's word that a write comes from this page: it stands in a cookie and is sent back. */
function csrf(method: string | undefined): Record<string, string> {
  if (method === undefined || method === 'GET') return {};
  const token = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  return token === undefined ? {} : { 'X-CSRFToken': token };
}

export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    const headers = { ...csrf(init.method), ...(init.headers as Record<string, string> | undefined) };
    response = await fetch(path, { ...init, headers });
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw new OfflineError(cause);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** An answer cut off half-way, or a page of something in between, is no answer of our server. */
async function parsed<T>(response: Response, signal?: AbortSignal | null): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (cause) {
    signal?.throwIfAborted();
    throw new OfflineError(cause);
  }
}

export async function json<T>(path: string, init: RequestInit = {}): Promise<T> {
  return parsed(await request(path, init), init.signal);
}

export function departments(): Promise<Department[]> {
  return json('/api/departments/');
}

export function rules(department: string): Promise<Rule[]> {
  return json(`/api/departments/${encodeURIComponent(department)}/rules/`);
}

export function products(query: string, signal: AbortSignal): Promise<Product[]> {
  return json(`/api/products/?q=${encodeURIComponent(query)}`, { signal });
}

export function catalogue(): Promise<Catalogue> {
  return json('/api/products/catalogue/');
}

/** Asked anew each time; unchanged, it comes back as a 304 without a body. */
export function modelIndex<Card>(): Promise<ModelEntry<Card>[]> {
  return json('/api/models/', { cache: 'no-cache' });
}

/** A name for those in between who judge by it; never the file's own. */
const NAMES: Readonly<Record<string, string>> = { 'image/png': 'photo.png', 'audio/wav': 'sound.wav' };

/** Ask the server what it sees or hears. It keeps nothing. */
export function recognise(task: string, file: Blob, signal?: AbortSignal): Promise<TaskAnswer> {
  const body = new FormData();
  body.append('file', file, NAMES[file.type] ?? 'capture');
  return json(`/api/tasks/${task}/recognise/`, {
    method: 'POST',
    body,
    ...(signal === undefined ? {} : { signal }),
  });
}
