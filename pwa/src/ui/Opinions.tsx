/** What each engine says of a sound, and whether they agree; the server's when they are asked for. */
import { percent, t } from '../i18n';
import { online } from '../store/device';
import { askOthers, type Take } from '../tasks/takes';
import type { Opinion, SoundAnswer, SoundTask } from '../tasks/task';
import { Icon } from './Icon';
import { labelName } from './material';
import { tintOf } from './tint';

interface Props {
  readonly take: Take;
  readonly answer: SoundAnswer;
}

export function Opinions({ take, answer }: Props) {
  const m = t().listen;
  const { engines } = answer;
  const id = `opinions-${take.id}`;
  return (
    <div class="opinions" role="group" aria-labelledby={id}>
      <h3 id={id}>{m.opinions}</h3>
      {engines.length > 1 && (
        <>
          <Verdict engines={engines} />
          <ul>
            {engines.map((opinion) => (
              <One key={opinion.engine} task={take.task} opinion={opinion} />
            ))}
          </ul>
        </>
      )}
      <Ask take={take} />
    </div>
  );
}

function Verdict({ engines }: { readonly engines: readonly Opinion[] }) {
  const m = t().listen;
  const first = engines.flatMap((opinion) => (opinion.kind === 'said' ? (opinion.answer.top[0]?.label ?? []) : []));
  if (first.length < 2) return null;
  const agree = new Set(first).size === 1;
  return (
    <p class="verdict" data-agree={agree}>
      <Icon name={agree ? 'check' : 'people'} /> {agree ? m.agree : m.disagree}
    </p>
  );
}

function One({ task, opinion }: { readonly task: SoundTask; readonly opinion: Opinion }) {
  const m = t().listen;
  const best = opinion.kind === 'said' ? opinion.answer.top[0] : undefined;
  const where = opinion.kind === 'said' && opinion.answer.origin === 'device' ? m.here : m.there;
  return (
    <li class="opinion">
      <span>
        {m.engines[opinion.engine] ?? opinion.engine}
        <small>{where}</small>
      </span>
      {best === undefined || opinion.kind === 'failed' ? (
        <em>{m.silentEngine}</em>
      ) : (
        <span class="opinion-word">
          <strong>
            <i class="tint" aria-hidden="true" {...tintOf(task, best.label)} />
            {labelName(task, best.label)}
          </strong>
          <small>
            {percent(best.score)}
            {opinion.answer.kind === 'unsure' && ` · ${m.unsureStretch}`}
          </small>
        </span>
      )}
    </li>
  );
}

function Ask({ take }: { readonly take: Take }) {
  const m = t().listen;
  if (take.others === 'asked') return null;
  if (take.others === 'asking') {
    return (
      <p class="row" role="status">
        <span class="sieve" aria-hidden="true" /> {m.asking}
      </p>
    );
  }
  if (!online.value) return <p class="small">{m.askOffline}</p>;
  return (
    <div class="ask-others">
      {take.others !== 'unasked' && (
        <p role="status" class="caution">
          {m.refused[take.others]}
        </p>
      )}
      <button type="button" class="chip" onClick={() => void askOthers(take)}>
        <Icon name="people" /> {m.askOthers}
      </button>
      <p class="small">{m.askHelp[take.task]}</p>
    </div>
  );
}
