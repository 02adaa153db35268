// What is drawn of the desk. The page comes with its buttons; this fills in photos and words.

const STRIP = 14;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export class View {
  #root;
  #names = new Map();
  #labels = new Map();
  #tiles = new Map();

  constructor(root) {
    this.#root = root;
    this.mayDecide = 'mayDecide' in root.dataset;
    this.isOpen = root.dataset.state === 'open';
    this.help = this.#get('dialog');
    const { one, many, got } = root.dataset;
    this.words = { one, many, got, this: root.dataset.this };
    this.isSound = root.dataset.modality === 'audio';
    this.nameOf = (label) => this.#names.get(label) ?? label;
    for (const button of root.querySelectorAll('[data-label]')) {
      this.#names.set(button.dataset.label, button.dataset.name);
      if (button.dataset.key) this.#labels.set(button.dataset.key, button.dataset.label);
    }
  }

  #get(selector) {
    return this.#root.querySelector(selector);
  }

  labelOf(key) {
    return this.#labels.get(key);
  }

  /** A key does what a button of this page does, never more. */
  offers(verb) {
    return this.#get(`[data-do="${verb}"]`) !== null;
  }

  say(text) {
    this.#get('.desk-said').textContent = text;
  }

  /** Listen, or stop listening; a photo has nothing to say. */
  play() {
    const sound = this.#get('.desk-photo audio');
    if (sound?.paused) void sound.play();
    else sound?.pause();
  }

  /** A failure stays until it is read. */
  complain(text) {
    const close = element('button', { type: 'button', className: 'desk-quiet' }, 'Fermer');
    const line = element('p', {}, text, ' ', close);
    close.addEventListener('click', () => line.remove());
    this.#get('.desk-trouble').append(line);
  }

  draw({ items, at, marked, total, exhausted, done, undoable }, moved) {
    const item = items[at];
    this.#get('.desk-main').hidden = !item;
    this.#get('.desk-foot').hidden = !item;
    this.#get('.desk-empty').hidden = Boolean(item) || !exhausted;
    this.#get('.desk-empty').textContent = this.#emptyText(done);
    const place = this.isOpen ? done : item ? at + 1 : 0;
    this.#get('progress').max = Math.max(total, 1);
    this.#get('progress').value = place;
    this.#get('.desk-count').textContent = `${place} / ${total}`;
    this.#get('[data-do="undo"]').disabled = !undoable;
    this.#drawStrip(items, at, marked);
    if (item) this.#drawItem(item, marked);
    if (!moved) return;
    this.#get('.desk-now').textContent = item ? this.#describe(item) : '';
    // A button that was clicked must not decide of the next photo by the next Enter.
    if (document.activeElement?.closest('.desk-main, .desk-foot')) this.#get('.desk-photo').focus();
  }

  #emptyText(done) {
    if (!this.isOpen) return 'Rien ici avec ces filtres.';
    return done ? `Tout est relu : ${done} ${this.words.many}. Merci !` : 'Rien à relire avec ces filtres.';
  }

  /** What a screen reader says of a photo nobody looked at yet. */
  #describe(item) {
    const owners = item.owners ? this.nameOf(item.owners) : 'rien';
    const guess = item.predictions.at(-1)?.label;
    return `Suivante. La personne dit ${owners}, le modèle ${guess ? this.nameOf(guess) : 'pas sûr'}.`;
  }

  #drawItem(item, marked) {
    const shown = this.#get('.desk-photo img, .desk-photo audio');
    if (shown.getAttribute('src') !== item.url) shown.src = item.url;
    const told = `${this.words.got} le ${item.received}`;
    if (this.isSound) shown.ariaLabel = told;
    else shown.alt = told;
    const n = item.twins.length + 1;
    const chips = [
      item.truth && ['desk-good', `décidée : ${this.nameOf(item.truth)}`],
      item.rejected && ['desk-bad', 'refusée'],
      n > 1 && ['', `×${n}`],
      ...item.reasons.map((text) => ['', text]),
      item.canary && ['desk-strong', 'témoin'],
      marked.has(item.id) && ['desk-strong', 'marquée'],
    ].filter(Boolean);
    this.#get('.desk-chips').replaceChildren(
      ...chips.map(([className, text]) => element('span', { className }, text)),
    );
    this.#drawWords(item);
    this.#drawTwins(item);
    this.#drawVerbs(item, marked);
  }

  #drawWords(item) {
    const owners = this.#get('.desk-owners');
    owners.textContent = item.owners ? this.nameOf(item.owners) : 'rien';
    owners.classList.toggle('desk-none', !item.owners);
    const others = item.volunteers.map(this.nameOf).join(', ');
    this.#get('.desk-volunteers').textContent = others && `Bénévoles : ${others}`;
    const said = item.predictions.map((prediction) => this.#prediction(prediction));
    if (!said.length) said.push(element('p', { className: 'desk-none' }, 'rien'));
    this.#get('.desk-predictions').replaceChildren(...said);
    const facts = [
      ['Reçue le', item.received],
      ['Département', item.department ?? 'pas dit'],
    ];
    this.#get('.desk-facts').replaceChildren(
      ...facts.map(([name, value]) =>
        element('div', {}, element('dt', {}, name), element('dd', {}, value)),
      ),
    );
  }

  #prediction({ who, label, top }) {
    const rows = top.map((ranked) => {
      const name = this.nameOf(ranked.label);
      return element(
        'li',
        { className: ranked.label === label ? 'desk-best' : '' },
        element('span', {}, name),
        element('span', { className: 'desk-score' }, `${Math.round(100 * ranked.score)} %`),
        element('meter', { max: 1, value: ranked.score, ariaLabel: name }),
      );
    });
    const head = label === null ? `${who} · pas sûr` : who;
    return element('div', {}, element('h3', {}, head), element('ol', {}, ...rows));
  }

  #drawTwins(item) {
    this.#get('.desk-twins').hidden = item.twins.length === 0;
    const count = `${item.chosen.size} sur ${item.twins.length}`;
    this.#get('.desk-twins h2').textContent = `Presque identiques, même décision · ${count}`;
    const list = this.#get('.desk-twins ul');
    if (list.dataset.of !== item.id) {
      list.dataset.of = item.id;
      list.replaceChildren(...item.twins.map((twin, place) => this.#twin(twin, place)));
    }
    for (const box of list.querySelectorAll('input')) box.checked = item.chosen.has(box.dataset.twin);
  }

  #twin({ id, url }, place) {
    const box = element('input', { type: 'checkbox' });
    box.dataset.twin = id;
    const told = `Presque identique ${place + 1}`;
    if (this.isSound) {
      const player = element('audio', { controls: true, preload: 'none', ariaLabel: told, src: url });
      return element('li', {}, element('label', {}, box, told), player);
    }
    const image = element('img', { loading: 'lazy', alt: told, src: url });
    return element('li', {}, element('label', {}, box, image));
  }

  #drawVerbs(item, marked) {
    const accept = this.#get('[data-do="accept"]');
    if (accept) {
      const verb = this.mayDecide ? 'Accepter' : 'Appuyer';
      const name = item.proposed && this.nameOf(item.proposed);
      accept.querySelector('span').textContent = name ? `${verb} « ${name} »` : 'Rien de proposé';
      accept.disabled = !name;
    }
    for (const button of this.#root.querySelectorAll('button[data-label]'))
      button.classList.toggle('desk-best', button.dataset.label === item.proposed);
    this.#get('[data-do="mark"]')?.setAttribute('aria-pressed', String(marked.has(item.id)));
    this.#get('[data-do="canary"]')?.setAttribute('aria-pressed', String(item.canary));
    this.#get('.desk-bulk').hidden = marked.size === 0;
    this.#get('.desk-bulk strong').textContent = `Marquées : ${marked.size}`;
  }

  /** What comes next, small: seen before its turn, and loaded by then. */
  #drawStrip(items, at, marked) {
    const from = Math.max(0, at - 2);
    const shown = items.slice(from, from + STRIP);
    const before = this.#tiles;
    this.#tiles = new Map(shown.map((item) => [item.id, before.get(item.id) ?? this.#tile(item)]));
    for (const [place, item] of shown.entries()) {
      const button = this.#tiles.get(item.id).firstChild;
      if (from + place === at) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
      button.classList.toggle('desk-marked', marked.has(item.id));
      const told = `${this.words.one} ${from + place + 1}${marked.has(item.id) ? ', marquée' : ''}`;
      if (this.isSound) button.ariaLabel = told;
      else button.firstChild.alt = told;
    }
    this.#get('.desk-strip').replaceChildren(...this.#tiles.values());
  }

  #tile(item) {
    const look = this.isSound
      ? element('span', { className: 'desk-note', ariaHidden: 'true' }, '♪')
      : element('img', { src: item.url });
    const button = element('button', { type: 'button' }, look);
    button.dataset.item = item.id;
    if (item.twins.length) button.append(element('span', {}, `×${item.twins.length + 1}`));
    return element('li', {}, button);
  }
}
