// What the desk says to the server: one request after the other, so that an undo never overtakes
// the decision it takes back.

// What comes back to the reviewer; what was erased, withdrawn or decided by another stays away.
const AGAIN = new Set(['offline', 'session', 'server', 'not-yours', 'unknown-label']);
const LOGGED_OUT = 'Session terminée ou droit retiré : rechargez la page. Rien n’a été décidé.';
const OFFLINE = 'Pas de réseau : ce qui n’est pas parti revient, rien n’a été décidé.';

export class Wire {
  #urls;
  #token;
  #failed;
  #line = Promise.resolve();
  #waiting = 0;

  constructor(root, { failed }) {
    this.#urls = root.dataset;
    this.#token = root.querySelector('[name=csrfmiddlewaretoken]').value;
    this.#failed = failed;
    window.addEventListener('beforeunload', (event) => {
      if (this.#waiting) event.preventDefault();
    });
  }

  /** The first `n` looks of the filters in the address; null if they did not come. */
  async items(n) {
    const asked = new URLSearchParams(location.search);
    asked.set('n', String(n));
    const answer = await this.#ask(`${this.#urls.items}?${asked}`);
    if (!answer.problem) return answer;
    this.#failed(answer.detail);
    return null;
  }

  /** Send what concerns these ids; the promise holds what failed: id → {detail, again}. */
  async send(verb, ids, body) {
    this.#waiting += 1;
    const sent = this.#line.then(() => this.#ask(this.#urls[verb], body));
    this.#line = sent;
    const answer = await sent;
    this.#waiting -= 1;
    const results = answer.problem ? ids.map((id) => ({ ...answer, id })) : answer.results;
    const refused = results.filter((result) => result.problem);
    for (const detail of new Set(refused.map((result) => result.detail))) this.#failed(detail);
    return new Map(
      refused.map(({ id, problem, detail }) => [id, { detail, again: AGAIN.has(problem) }]),
    );
  }

  async #ask(url, body) {
    const options = { headers: { 'X-CSRFToken': this.#token }, redirect: 'manual' };
    if (body) Object.assign(options, { method: 'POST', body: JSON.stringify(body) });
    try {
      const response = await fetch(url, options);
      // The admin sends who is no longer logged in to its door.
      if (response.type === 'opaqueredirect' || response.status === 403)
        return { problem: 'session', detail: LOGGED_OUT };
      if (response.ok) return await response.json();
      return { problem: 'server', detail: `Le serveur n’a pas pu (${response.status}).` };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return { problem: 'offline', detail: OFFLINE };
    }
  }
}
