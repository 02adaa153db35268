/** fetch + Problem → typed result. */
import type { Catalogue, Department, ModelEntry, Product, Rule, TaskAnswer } from './types';

/** The server answered, with a reason not to: RFC 9457, told apart by its type only. */
export class ProblemError extends Error {
  constructor(
    readonly slug: string,
    readonly status: number,
    detail: string,
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
  const body = isProblem === true ? ((await response.json()) as ProblemBody) : {};
  const slug = body.type?.split('/').pop() ?? `http-${response.status}`;
  return new ProblemError(slug, response.status, body.detail ?? body.title ?? response.statusText);
}

export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw new OfflineError(cause);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function json<T>(path: string, init?: RequestInit): Promise<T> {
  return (await (await request(path, init)).json()) as T;
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

export function modelIndex<Card>(): Promise<ModelEntry<Card>[]> {
  return json('/api/models/');
}

/** Ask the server what it sees. It keeps nothing. */
export function recognise(task: string, photo: Blob, signal?: AbortSignal): Promise<TaskAnswer> {
  const body = new FormData();
  body.append('file', photo, photo.type === 'image/png' ? 'photo.png' : 'photo');
  return json(`/api/tasks/${task}/recognise/`, {
    method: 'POST',
    body,
    ...(signal === undefined ? {} : { signal }),
  });
}
