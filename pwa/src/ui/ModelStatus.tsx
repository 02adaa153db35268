/** One line on the model: on its way, ready, or why not. */
import { megabytes, t } from '../i18n';
import { modelOf } from '../tasks/models';
import type { TaskName } from '../tasks/task';

interface Props {
  readonly task?: TaskName;
  /** Default: the task's net. */
  readonly engine?: string;
}

export function ModelStatus({ task = 'waste', engine }: Props) {
  const { model } = t();
  const here = modelOf(task, engine);
  const [current, state] = [here.entry.value, here.state.value];
  if (state.kind === 'downloading') {
    return (
      <div class="status" role="status">
        <label>
          {model.downloading(megabytes(state.received), megabytes(state.total))}
          <progress max={state.total} value={state.received} />
        </label>
      </div>
    );
  }
  if (state.kind === 'checking') {
    return (
      <p class="status" role="status">
        {model.checking}
      </p>
    );
  }
  if (state.kind === 'failed') {
    // Offline with a model is the normal case, not a failure to speak of.
    if (current !== null && state.reason === 'offline') return <Ready />;
    return (
      <p class="status" data-bad role="status">
        {model.failed[state.reason]} {current === null ? model.of[task].fallback : model.kept}
      </p>
    );
  }
  return current === null ? null : <Ready />;
}

function Ready() {
  return (
    <p class="status" data-good>
      {t().model.ready}
    </p>
  );
}
