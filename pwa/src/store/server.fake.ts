/** For tests: the server as its contract has it, in memory, with faults on demand. */
import type { Capture, ConsentWord, Person, Purpose } from '../api/types';

/** A status, or where the connection breaks; null is none. */
export type Fault = number | 'lost' | 'answer-lost' | 'cut' | 'page' | null;

interface Kept {
  readonly owner: string;
  readonly bytes: string;
}

export class FakeServer {
  readonly log: string[] = [];
  readonly captures = new Map<string, Kept>();
  readonly corrections = new Map<string, string>();
  consents: Record<'store' | 'train', boolean | null> = { store: null, train: null };
  /** The faults of the next requests, in order; then those of `chance`. */
  faults: Fault[] = [];
  chance: () => Fault = () => null;
  retryAfter: number | null = null;
  csrf = 'token';
  doubles = 0;
  /** What happens while an upload is on its way. */
  during: (() => Promise<unknown>) | null = null;
  /** The browser's cookies. */
  readonly browser = { cookie: '', addEventListener: () => undefined };

  #people = 0;
  #session: string | null = null;

  forgetSession(): void {
    this.#session = null;
    this.consents = { store: null, train: null };
  }

  kept(): string[] {
    return [...this.captures.keys()].sort();
  }

  addElsewhere(id: string, label: string): void {
    this.captures.set(id, { owner: this.#session ?? '', bytes: 'from another phone' });
    this.corrections.set(id, label);
  }

  async answer(path: string, init: RequestInit = {}): Promise<Response> {
    const method = init.method ?? 'GET';
    this.log.push(`${method} ${path}`);
    const fault = this.faults.length > 0 ? (this.faults.shift() ?? null) : this.chance();
    if (fault === 'lost') throw new TypeError('Failed to fetch');
    if (fault === 'page') return new Response('<!doctype html>', { status: 200 });
    if (typeof fault === 'number') return this.#problem(fault, `problem-${fault}`);
    const answer = await this.#route(method, path, init);
    if (fault === 'answer-lost') throw new TypeError('Failed to fetch');
    if (fault === 'cut') return new Response('{"id": "sca', { status: answer.status });
    return answer;
  }

  async #route(method: string, path: string, init: RequestInit): Promise<Response> {
    if (path === '/api/session/') return this.#join();
    if (this.#session === null) return this.#problem(403, 'no-session');
    const token = new Headers(init.headers).get('X-CSRFToken');
    if (method !== 'GET' && token !== this.csrf) return this.#problem(403, 'forbidden');
    if (path === '/api/me/') return Response.json(this.#person());
    const purpose = /consents\/(store|train)/.exec(path)?.[1] as 'store' | 'train' | undefined;
    if (purpose !== undefined) return this.#say(purpose, await body(init));
    const [, , , id = '', part] = path.split('/');
    if (id === '' || id.startsWith('?')) return this.#list(id);
    if (method === 'DELETE') return this.#delete(id, part);
    if (this.consents.store !== true) return this.#problem(403, 'consent-required');
    return part === 'correction' ? this.#correct(id, await body(init)) : this.#put(id, init);
  }

  #join(): Response {
    this.#session ??= `person-${++this.#people}`;
    this.browser.cookie = `csrftoken=${this.csrf}`;
    return Response.json(this.#person(), { status: 201 });
  }

  #person(): Person {
    const word = (purpose: Purpose): ConsentWord | null => {
      const granted = this.consents[purpose];
      return granted === null ? null : { purpose, granted, text_version: '2026-11', at: '' };
    };
    return {
      ...{ pseudonym: this.#session ?? '', email: null, locale: 'fr', department: null, mail: false },
      consents: { store: word('store'), train: word('train') },
    };
  }

  #say(purpose: 'store' | 'train', said: Record<string, unknown>): Response {
    const granted = said.granted === true;
    if (purpose === 'train' && granted && this.consents.store !== true) {
      return this.#problem(409, 'store-first');
    }
    this.consents[purpose] = granted;
    return Response.json({ purpose, granted, text_version: '2026-11', at: '' });
  }

  async #put(id: string, init: RequestInit): Promise<Response> {
    const bytes = await ((init.body as FormData).get('file') as Blob).text();
    await this.during?.();
    const known = this.captures.get(id);
    if (known !== undefined && (known.bytes !== bytes || known.owner !== this.#session)) {
      return this.#problem(409, 'id-taken');
    }
    if ([...this.captures].some(([other, kept]) => other !== id && kept.bytes === bytes)) this.doubles++;
    this.captures.set(id, { owner: this.#session ?? '', bytes });
    return Response.json(this.#shown(id), { status: known === undefined ? 201 : 200 });
  }

  #correct(id: string, said: Record<string, unknown>): Response {
    if (!this.captures.has(id)) return this.#problem(404, 'not-found');
    this.corrections.set(id, String(said.label));
    return Response.json(this.#shown(id).correction);
  }

  #delete(id: string, part: string | undefined): Response {
    this.corrections.delete(id);
    if (part !== 'correction') this.captures.delete(id);
    return new Response(null, { status: 204 });
  }

  /** Two to a page. */
  #list(query: string): Response {
    const from = Number(/cursor=(\d+)/.exec(query)?.[1] ?? 0);
    const ids = this.kept().reverse();
    const more = ids.length > from + 2;
    const next = more ? `http://inner:8000/api/captures/?cursor=${from + 2}` : null;
    return Response.json({ next, results: ids.slice(from, from + 2).map((id) => this.#shown(id)) });
  }

  #shown(id: string): Capture {
    const label = this.corrections.get(id);
    const correction =
      label === undefined
        ? null
        : { label, status: 'pending' as const, truth: null, created_at: '', reviewed_at: null };
    return {
      ...{ id, task: 'waste', captured_at: '2026-11-24T08:00:00Z', department: null, territory: null },
      ...{ media_type: 'image/jpeg', size_bytes: 1, sha256: '', url: '', received_at: '' },
      ...{ state: correction === null ? 'received' : 'corrected', snapshot: null, predictions: [] },
      correction,
    };
  }

  #problem(status: number, slug: string): Response {
    const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
    if (this.retryAfter !== null) headers['retry-after'] = String(this.retryAfter);
    return Response.json({ type: `/problems/${slug}`, status }, { status, headers });
  }
}

async function body(init: RequestInit): Promise<Record<string, unknown>> {
  return (await new Response(init.body).json()) as Record<string, unknown>;
}
