/** One photo and what was said about it: material, confidence, bin; or the three likeliest. */
import { either, percent, t } from '../i18n';
import { mayKeep } from '../store/account';
import { online } from '../store/device';
import { settings } from '../store/settings';
import { modelOf } from '../tasks/models';
import {
  choose,
  keepScan,
  remove,
  retry,
  sendWhole,
  takeBack,
  wishOf,
  type Failure,
  type Scan,
} from '../tasks/scans';
import type { Answer as Said, Ranked } from '../tasks/task';
import { rules } from '../waste/place';
import { likelyBin, ruleFor } from '../waste/rules';
import { AskConsent, asksConsent } from './AskConsent';
import { AskPlace } from './AskPlace';
import { Bin, BinTag } from './Bin';
import { BinFor } from './BinFor';
import { Corrector } from './Corrector';
import { Icon } from './Icon';
import { inSentence, materialName } from './material';
import { Notice } from './Notice';
import { Thumb } from './Thumb';

/** From here on "almost sure"; under it, and over the card's threshold, "fairly sure". */
const HIGH = 0.92;

interface Props {
  readonly scan: Scan;
  readonly index: number;
  /** True for the card that may ask where the person is: once is enough. */
  readonly asks: boolean;
}

export function Answer({ scan, index, asks }: Props) {
  const m = t();
  const { progress } = scan;
  return (
    <article class="answer" data-state={progress.kind} aria-label={m.scan.photo(index)}>
      <header class="answer-head">
        <Thumb input={scan.input} alt={m.scan.seen} />
        <Heading scan={scan} />
        <button type="button" class="quiet icon-only" aria-label={m.scan.remove} onClick={() => remove(scan.id)}>
          <Icon name="close" />
        </button>
      </header>
      {progress.kind === 'answered' && <Answered scan={scan} said={progress.answer} asks={asks} />}
      {progress.kind === 'failed' && <Failed scan={scan} failure={progress.failure} />}
    </article>
  );
}

function Heading({ scan }: { readonly scan: Scan }) {
  const m = t();
  const { progress } = scan;
  const chosen = wishOf(scan)?.label ?? null;
  if (progress.kind === 'failed') return <h2 class="material">{m.scan.failed}</h2>;
  if (progress.kind !== 'answered') return <Pending kind={progress.kind} />;
  const { answer } = progress;
  if (chosen !== null) {
    return (
      <div>
        <h2 class="material">{materialName(chosen)}</h2>
        <p class="confidence" data-level="chosen">
          {answer.kind === 'label' && answer.label === chosen ? m.correct.confirmed : m.answer.chosen}
        </p>
      </div>
    );
  }
  if (answer.kind === 'unsure') {
    return (
      <div>
        <h2 class="material">{m.answer.unsure}</h2>
        <p class="confidence">{m.answer.unsureHelp}</p>
      </div>
    );
  }
  return (
    <div>
      <h2 class="material">{materialName(answer.label)}</h2>
      <Confidence score={answer.score} />
    </div>
  );
}

function Confidence({ score }: { readonly score: number }) {
  const { confidence, percent: inWords } = t().answer;
  const level = score >= HIGH ? 'high' : 'good';
  return (
    <p class="confidence" data-level={level}>
      <span class="gauge" aria-hidden="true" />
      {confidence[level]} <small>{inWords(percent(score))}</small>
    </p>
  );
}

function Pending({ kind }: { readonly kind: 'waiting' | 'preparing' | 'thinking' }) {
  const m = t();
  const { kind: model } = modelOf('waste').state.value;
  const waiting = model === 'downloading' || model === 'checking';
  const words = {
    waiting: m.scan.waiting,
    preparing: m.scan.preparing,
    thinking: waiting ? m.scan.waitingModel : m.scan.thinking,
  };
  return (
    <div>
      <h2 class="material pending">{words[kind]}</h2>
      <div class="sieve" aria-hidden="true" />
    </div>
  );
}

interface AnsweredProps extends Pick<Props, 'scan' | 'asks'> {
  readonly said: Said;
}

function Answered({ scan, said, asks }: AnsweredProps) {
  const m = t();
  const wish = wishOf(scan);
  const saidLabel = said.kind === 'label' ? said.label : null;
  const label = wish?.label ?? saidLabel;
  const pick = (chosen: string): void => choose(scan, chosen);
  return (
    <>
      {label === null ? (
        <Choices top={said.top} onChoose={pick} />
      ) : (
        <BinFor key={label} id={`conditions-${scan.id}`} category={label} />
      )}
      <Corrector
        id={`corrector-${scan.id}`}
        said={saidLabel}
        top={said.top}
        listed={label === null}
        wish={wish}
        onChoose={pick}
        onUndo={() => takeBack(scan)}
      />
      <AskConsent scan={scan} />
      <Unkept scan={scan} />
      {asks && !asksConsent(scan) && <AskPlace />}
      <footer class="answer-foot">
        <a class="badge" href="#/modele">
          {m.answer[said.origin]} · {m.answer.version(said.version)}
          <Icon name="next" />
        </a>
      </footer>
    </>
  );
}

/** Why a scan is not kept although it may be: never without a word. */
function Unkept({ scan }: { readonly scan: Scan }) {
  const m = t();
  if (mayKeep.value && scan.copy === null) return <Notice icon="info">{m.correct.unshrunk}</Notice>;
  if (!scan.unkept) return null;
  // The photo is still here, and may be kept once there is room.
  return (
    <Notice icon="alert">
      <p>{m.correct.unkept}</p>
      <button type="button" class="solid" onClick={() => void keepScan(scan.id)}>
        <Icon name="retry" /> {m.scan.retry}
      </button>
    </Notice>
  );
}

interface ChoicesProps {
  readonly top: readonly Ranked[];
  readonly onChoose: (label: string) => void;
}

function Choices({ top, onChoose }: ChoicesProps) {
  const m = t();
  const { territory } = settings.value;
  const likely = likelyBin(rules.value, top, territory);
  return (
    <div class="choices">
      {likely !== undefined && (
        <Bin container={likely.container}>
          <p>{m.answer.likely(either(inSentence(likely.labels)))}</p>
        </Bin>
      )}
      <ul>
        {top.map(({ label, score }) => {
          const container = ruleFor(rules.value, label, territory)?.rule.container;
          return (
            <li key={label}>
              <button type="button" class="choice" onClick={() => onChoose(label)}>
                <strong>{materialName(label)}</strong>
                <small>{percent(score)}</small>
                {container !== undefined && <BinTag container={container} />}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Failed({ scan, failure }: { readonly scan: Scan; readonly failure: Failure }) {
  const m = t();
  if (failure === 'undecodable') {
    return (
      <Notice icon="info" title={m.scan.undecodable}>
        <p>{online.value ? m.scan.undecodableHelp : m.scan.undecodableOffline}</p>
        {online.value && (
          <button type="button" class="solid" onClick={() => sendWhole(scan)}>
            {m.scan.send}
          </button>
        )}
      </Notice>
    );
  }
  if (failure === 'not-image') return <Notice icon="info">{m.scan.notImage}</Notice>;
  return (
    <Notice icon={failure === 'no-answer' ? 'offline' : 'info'}>
      <p>{failure === 'no-answer' ? m.scan.noAnswerHere : m.problem[failure]}</p>
      <button type="button" class="solid" onClick={() => retry(scan)}>
        <Icon name="retry" /> {m.scan.retry}
      </button>
    </Notice>
  );
}
