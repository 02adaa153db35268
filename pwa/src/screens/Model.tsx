/** The models on this device: which answers, whether there is a newer one, and what it is worth. */
import { useEffect } from 'preact/hooks';
import { megabytes, t } from '../i18n';
import { go, routeKey } from '../router';
import { modelOf } from '../tasks/models';
import type { TaskName } from '../tasks/task';
import { Icon } from '../ui/Icon';
import { ModelCard } from '../ui/ModelCard';
import { ModelStatus } from '../ui/ModelStatus';

/** "#/modele" is waste's, "#/modele/genre" and "#/modele/emotion" the others'. */
const TASKS = ['waste', 'genre', 'emotion'] as const satisfies readonly TaskName[];

export function Model() {
  const m = t();
  const task = TASKS.find((known) => known === routeKey.value) ?? 'waste';
  const model = modelOf(task);
  const entry = model.entry.value;
  const { kind } = model.state.value;
  useEffect(() => void model.restore(), [model]);
  return (
    <div class="page">
      <h1 tabIndex={-1}>{m.title.model}</h1>
      <Which task={task} />
      <div class="row spread">
        {entry === null && kind === 'absent' ? <p>{m.model.none}</p> : <ModelStatus task={task} />}
        <button
          type="button"
          class="quiet"
          disabled={kind === 'downloading' || kind === 'checking'}
          onClick={() => void (entry === null ? model.bring() : model.updateNow())}
        >
          <Icon name="retry" /> {m.model.update}
        </button>
      </div>
      {entry !== null && <ModelCard task={task} card={entry.card} />}
      {task === 'genre' && <Larger />}
    </div>
  );
}

function Which({ task }: { readonly task: TaskName }) {
  const m = t().model;
  return (
    <fieldset>
      <legend class="unseen">{m.which}</legend>
      <div class="segments">
        {TASKS.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="model-task"
              checked={one === task}
              onChange={() => go('model', one === 'waste' ? '' : one)}
            />
            {m.of[one].name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** The engine that is too large to come unasked: brought, and put away, by hand. */
function Larger() {
  const m = t().listen;
  const model = modelOf('genre', 'vgg19');
  const entry = model.entry.value;
  const { kind } = model.state.value;
  useEffect(() => void model.restore(), [model]);
  return (
    <section class="block">
      <h2>{m.engines.vgg19}</h2>
      <p>{m.vgg19Help}</p>
      {entry === null ? (
        <>
          {kind !== 'absent' && <ModelStatus task="genre" engine="vgg19" />}
          <button
            type="button"
            class="solid"
            disabled={kind === 'downloading' || kind === 'checking'}
            onClick={() => void model.bring()}
          >
            <Icon name="download" /> {m.bring}
          </button>
        </>
      ) : (
        <>
          <p>
            {m.brought(megabytes(entry.size_bytes))} <small>{t().answer.version(entry.version)}</small>
          </p>
          <button type="button" class="quiet" onClick={() => void model.drop()}>
            <Icon name="trash" /> {m.dropIt}
          </button>
        </>
      )}
    </section>
  );
}
