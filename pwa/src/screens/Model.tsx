/** The model's card, as it measured itself: what it is worth, what it mixes up, where it came from. */
import { integer, longDate, megabytes, percent, t } from '../i18n';
import { settings } from '../store/settings';
import { modelOf } from '../tasks/models';
import type { Card } from '../tasks/task';
import { Icon } from '../ui/Icon';
import { materialName } from '../ui/material';
import { ModelStatus } from '../ui/ModelStatus';

export function Model() {
  const m = t();
  const model = modelOf('waste');
  const entry = model.entry.value;
  const { kind } = model.state.value;
  return (
    <div class="page">
      <h1 tabIndex={-1}>{m.title.model}</h1>
      <div class="row spread">
        {entry === null && kind === 'absent' ? <p>{m.model.none}</p> : <ModelStatus />}
        <button
          type="button"
          class="quiet"
          disabled={kind === 'downloading' || kind === 'checking'}
          onClick={() => void model.updateNow()}
        >
          <Icon name="retry" /> {m.model.update}
        </button>
      </div>
      {entry !== null && <CardView card={entry.card} />}
    </div>
  );
}

function CardView({ card }: { readonly card: Card }) {
  const m = t().model;
  return (
    <>
      <dl class="facts">
        <Fact name={m.version} value={card.version} />
        <Fact name={m.trained} value={longDate(card.training.date)} />
        <Fact name={m.size} value={megabytes(card.size_bytes)} />
        <Fact name={m.threshold} value={percent(card.output.threshold)} />
      </dl>
      <p class="small">
        <strong>{m.licence}</strong> · {card.licence}
      </p>
      <Worth metrics={card.metrics} />
      <Recall card={card} />
      <Confusions confusions={card.metrics.confusions} />
      <section class="block">
        <h2>{m.limits}</h2>
        <ul class="bullets">
          {card.limits[settings.value.locale].map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
      </section>
      <Data data={card.data} />
      <p class="small sum">
        {m.sum} <code>{card.sha256}</code>
      </p>
    </>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Worth({ metrics }: { readonly metrics: Card['metrics'] }) {
  const m = t().model;
  const [low, high] = metrics.accuracy_interval;
  return (
    <section class="block">
      <h2>{m.measured}</h2>
      <p class="small">{m.measuredOn(integer(metrics.n))}</p>
      <dl class="figures">
        <div>
          <dd>{percent(metrics.accuracy)}</dd>
          <dt>
            {m.accuracy} <small>({m.between(percent(low), percent(high))})</small>
          </dt>
        </div>
        <div>
          <dd>{percent(metrics.accepted_accuracy)}</dd>
          <dt>{m.accepted}</dt>
        </div>
        <div>
          <dd>{percent(metrics.coverage)}</dd>
          <dt>{m.coverage}</dt>
        </div>
        <div>
          <dd>{percent(metrics.ece)}</dd>
          <dt>{m.ece}</dt>
        </div>
      </dl>
    </section>
  );
}

function Recall({ card }: { readonly card: Card }) {
  const m = t().model;
  return (
    <section class="block">
      <h2>{m.recall}</h2>
      <p class="small">{m.recallHelp}</p>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{m.material}</th>
            <th scope="col">{m.recognised}</th>
            <th scope="col">{m.photos}</th>
          </tr>
        </thead>
        <tbody>
          {card.output.labels.map((label) => {
            const measured = card.metrics.recall[label];
            if (measured === undefined) return null;
            return (
              <tr key={label}>
                <th scope="row">{materialName(label)}</th>
                <td>
                  <span class="bar" aria-hidden="true">
                    <span style={{ width: `${measured.recall * 100}%` }} />
                  </span>
                  {percent(measured.recall)}
                </td>
                <td>{integer(measured.n)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Confusions({ confusions }: Pick<Card['metrics'], 'confusions'>) {
  const m = t().model;
  if (confusions.length === 0) return null;
  return (
    <section class="block">
      <h2>{m.confusions}</h2>
      <ul class="bullets">
        {confusions.map(({ truth, predicted, n }) => (
          <li key={`${truth} ${predicted}`}>
            {m.confusion(materialName(truth), materialName(predicted))} <small>({m.times(n)})</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Data({ data }: Pick<Card, 'data'>) {
  const m = t().model;
  return (
    <section class="block">
      <h2>{m.data}</h2>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{m.source}</th>
            <th scope="col">{m.licence}</th>
            <th scope="col">{m.photos}</th>
          </tr>
        </thead>
        <tbody>
          {data.map(({ source, licence, n }) => (
            <tr key={source}>
              <th scope="row">{source}</th>
              <td>{licence}</td>
              <td>{integer(n)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
