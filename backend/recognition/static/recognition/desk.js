// The review desk: what lies on it, and what its keys do. view.js draws it, wire.js tells the server.

import { View } from './view.js';
import { Wire } from './wire.js';

const AHEAD = 10; // ask for more before the reviewer gets there
const PAGE = 40;

const root = document.getElementById('desk');
const view = new View(root);
const wire = new Wire(root, { failed: (text) => view.complain(text) });
const { mayDecide, isOpen, nameOf, words } = view;

/** Not decided yet, in order; `at` is the one on screen. */
let items = [];
let at = 0;
/** One entry per stroke, for undo: which items, and which captures with their twins. */
const decided = [];
const marked = new Set();
const known = new Set(); // every capture that ever came as an item
let total = 0;
let exhausted = false;
let loading = false;

const doneSoFar = () => decided.reduce((sum, stroke) => sum + stroke.ids.length, 0);

function draw({ moved = false } = {}) {
  view.draw({ items, at, marked, total, exhausted, done: doneSoFar(), undoable: decided.length > 0 }, moved);
  if (!exhausted && !loading && items.length - at < AHEAD) void load();
}

async function load() {
  loading = true;
  const fresh = await wire.items(items.length + PAGE);
  loading = false;
  if (fresh === null) return;
  const unknown = fresh.items.filter((item) => !known.has(item.id));
  exhausted = unknown.length === 0;
  if (known.size === 0) total = fresh.total;
  for (const item of unknown) {
    known.add(item.id);
    items.push({ ...item, chosen: new Set(item.twins.map((twin) => twin.id)) });
  }
  const here = items.reduce((sum, item) => sum + 1 + item.twins.length, 0);
  total = Math.max(total, doneSoFar() + here);
  draw();
}

function take(item) {
  const index = items.indexOf(item);
  if (index < 0) return;
  items.splice(index, 1);
  if (index < at) at -= 1;
  at = Math.min(at, Math.max(items.length - 1, 0));
  marked.delete(item.id);
}

/** Put an item back: never under the reviewer's fingers, unless it is asked back. */
function put(item, { shown }) {
  if (items.includes(item)) return;
  items.splice(shown ? at : Math.min(at + 1, items.length), 0, item);
}

// --- decisions: the next photo is there at once, the server hears of it meanwhile

function decisionsOn(item, label) {
  const twins = item.twins.filter((twin) => item.chosen.has(twin.id));
  const own = { id: item.id, label, canary: mayDecide && item.canary && label !== null };
  return [own, ...twins.map((twin) => ({ id: twin.id, label }))];
}

/** Decide of some items, each by its own label; null refuses. */
function decide(pairs, said) {
  const decisions = pairs.flatMap(([item, label]) => decisionsOn(item, label));
  const stroke = { items: pairs.map(([item]) => item), ids: decisions.map(({ id }) => id) };
  for (const item of stroke.items) take(item);
  decided.push(stroke);
  view.say(said);
  stroke.sent = wire.send('decide', stroke.ids, { decisions }).then((failures) => {
    settle(stroke, failures);
  });
  draw({ moved: true });
}

/** What failed comes back, unless it was erased, withdrawn, or decided by somebody else. */
function settle(stroke, failures) {
  if (failures.size === 0) return;
  exhausted = false;
  const failed = stroke.items.filter((item) => failures.has(item.id));
  stroke.ids = stroke.ids.filter((id) => !failures.has(id));
  stroke.items = stroke.items.filter((item) => !failures.has(item.id));
  if (stroke.ids.length === 0 && decided.includes(stroke)) decided.splice(decided.indexOf(stroke), 1);
  for (const item of failed) {
    if (failures.get(item.id).again) put(item, { shown: false });
    else total -= 1;
  }
  draw();
}

/** Who has no right to decide seconds, and says so. */
function said(label, n) {
  const verb = mayDecide ? 'accepté' : 'appuyé';
  return n > 1 ? `${nameOf(label)} : ${verb} pour ${n} ${words.many}.` : `${nameOf(label)} : ${verb}.`;
}

function relabel(label) {
  const item = items[at];
  if (item) decide([[item, label]], said(label, 1 + item.chosen.size));
}

function accept() {
  const item = items[at];
  if (item && item.proposed === null) view.say('Rien n’est proposé : donnez la réponse par sa touche.');
  else if (item) relabel(item.proposed);
}

function reject() {
  const item = items[at];
  if (item) decide([[item, null]], 'Refusée.');
}

/** Decide of all that are marked; `labelOf` says undefined for one that must wait. */
function decideMarked(labelOf, verb) {
  const pairs = items.filter((item) => marked.has(item.id)).map((item) => [item, labelOf(item)]);
  const able = pairs.filter(([, label]) => label !== undefined);
  const left = pairs.length - able.length;
  const rest = left ? ` ${left} sans proposition restent marquées.` : '';
  if (able.length) decide(able, `Marquées ${verb} : ${able.length}.${rest}`);
  else view.say(`Rien à décider parmi les marquées.${rest}`);
}

async function undo() {
  const stroke = decided.pop();
  if (!stroke) {
    view.say('Rien à annuler.');
    return;
  }
  for (const item of [...stroke.items].reverse()) put(item, { shown: true });
  view.say('Décision annulée.');
  draw({ moved: true });
  await stroke.sent; // what the server refused needs no undoing
  if (stroke.ids.length === 0) return;
  const failures = await wire.send('undo', stroke.ids, { ids: stroke.ids });
  const kept = stroke.items.filter((item) => failures.has(item.id));
  for (const item of kept) take(item);
  draw();
}

function reopen() {
  const item = items[at];
  if (!item) return;
  take(item);
  view.say('Remise à relire.');
  draw({ moved: true });
  void wire.send('undo', [item.id], { ids: [item.id] }).then((failures) => {
    if (failures.has(item.id)) put(item, { shown: false });
    else total -= 1;
    draw();
  });
}

async function canary() {
  const item = items[at];
  if (!item) return;
  item.canary = !item.canary;
  view.say(item.canary ? `Témoin : ${words.this} jugera les modèles.` : 'Ce n’est plus un témoin.');
  draw();
  if (isOpen) return; // goes with the decision
  const failures = await wire.send('canary', [item.id], { ids: [item.id], canary: item.canary });
  if (failures.size) item.canary = !item.canary;
  draw();
}

function twins() {
  const item = items[at];
  if (!item?.twins.length) return;
  const all = item.chosen.size === item.twins.length;
  item.chosen = new Set(all ? [] : item.twins.map((twin) => twin.id));
  draw();
}

function mark() {
  const item = items[at];
  if (!item) return;
  if (!marked.delete(item.id)) marked.add(item.id);
  view.say(`Marquées : ${marked.size}.`);
  if (marked.has(item.id)) move(1);
  else draw();
}

function move(step) {
  at = Math.min(Math.max(at + step, 0), Math.max(items.length - 1, 0));
  draw({ moved: true });
}

const verbs = {
  accept,
  reject,
  undo,
  mark,
  twins,
  reopen,
  canary,
  acceptMarked: () => decideMarked((item) => item.proposed ?? undefined, 'acceptées'),
  rejectMarked: () => decideMarked(() => null, 'refusées'),
  next: () => move(1),
  previous: () => move(-1),
  help: () => view.help.showModal(),
  play: () => view.play(),
};

const KEYS = new Map([
  ['Enter', 'accept'],
  ['a', 'accept'],
  ['r', 'reject'],
  ['j', 'next'],
  ['ArrowRight', 'next'],
  ['k', 'previous'],
  ['ArrowLeft', 'previous'],
  ['x', 'mark'],
  ['A', 'acceptMarked'],
  ['R', 'rejectMarked'],
  ['u', 'undo'],
  ['c', 'canary'],
  ['t', 'twins'],
  ['o', 'reopen'],
  ['?', 'help'],
  [' ', 'play'],
]);

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || view.help.open) return;
  const focused = document.activeElement;
  if (focused?.matches('select, input, textarea, audio')) return;
  if ((event.key === 'Enter' || event.key === ' ') && focused?.matches('button, a, summary')) return;
  // By their place, not their sign: French keyboards give digits only with Maj.
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const letter = event.key.length === 1 && (event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase());
  const verb = digit ? undefined : KEYS.get(letter || event.key);
  const label = view.labelOf(digit ?? event.key.toLowerCase());
  if ((!verb && !label) || (verb && !view.offers(verb))) return;
  event.preventDefault();
  const held = event.repeat && verb !== 'next' && verb !== 'previous';
  if (held) return; // one stroke, one decision
  if (verb) void verbs[verb]();
  else if (event.shiftKey) decideMarked(() => label, `« ${nameOf(label)} »`);
  else relabel(label);
}

function onClick(event) {
  const button = event.target.closest('button');
  const { do: verb, label, item } = button?.dataset ?? {};
  if (verb) void verbs[verb]();
  else if (label) relabel(label);
  else if (item) move(items.findIndex((other) => other.id === item) - at);
}

function onTick(event) {
  const twin = event.target.dataset.twin;
  const item = items[at];
  if (!twin || !item) return;
  if (event.target.checked) item.chosen.add(twin);
  else item.chosen.delete(twin);
  draw();
}

document.addEventListener('keydown', onKey);
root.addEventListener('click', onClick);
root.addEventListener('change', onTick);
void load();
