/** A model's card, as it measured itself: what it is worth, what it mixes up, where it came from. */
import { integer, longDate, megabytes, percent, t } from '../i18n';
import { settings } from '../store/settings';
import type { Card, TaskName } from '../tasks/task';
import { labelName } from './material';

interface CardProps {
  readonly task: TaskName;
  readonly card: Card;
}

export function ModelCard({ task, card }: CardProps) {
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
      <Worth task={task} metrics={card.metrics} />
      <Recall task={task} card={card} />
      <Confusions task={task} confusions={card.metrics.confusions} />
      <section class="block">
        <h2>{m.limits}</h2>
        <ul class="bullets">
          {card.limits[settings.value.locale].map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
      </section>
      <Data task={task} data={card.data} />
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

function Worth({ task, metrics }: { readonly task: TaskName; readonly metrics: Card['metrics'] }) {
  const m = t().model;
  const [low, high] = metrics.accuracy_interval;
  return (
    <section class="block">
      <h2>{m.measured}</h2>
      <p class="small">{m.of[task].measuredOn(integer(metrics.n))}</p>
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
          <dt>{m.of[task].coverage}</dt>
        </div>
        <div>
          <dd>{percent(metrics.ece)}</dd>
          <dt>{m.ece}</dt>
        </div>
      </dl>
    </section>
  );
}

function Recall({ task, card }: CardProps) {
  const m = t().model;
  return (
    <section class="block">
      <h2>{m.of[task].recall}</h2>
      <p class="small">{m.of[task].recallHelp}</p>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{m.of[task].label}</th>
            <th scope="col">{m.recognised}</th>
            <th scope="col">{m.of[task].items}</th>
          </tr>
        </thead>
        <tbody>
          {card.output.labels.map((label) => {
            const measured = card.metrics.recall[label];
            if (measured === undefined) return null;
            return (
              <tr key={label}>
                <th scope="row">{labelName(task, label)}</th>
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

function Confusions({ task, confusions }: Pick<Card['metrics'], 'confusions'> & { readonly task: TaskName }) {
  const m = t().model;
  if (confusions.length === 0) return null;
  return (
    <section class="block">
      <h2>{m.confusions}</h2>
      <ul class="bullets">
        {confusions.map(({ truth, predicted, n }) => (
          <li key={`${truth} ${predicted}`}>
            {m.confusion(labelName(task, truth), labelName(task, predicted))} <small>({m.times(n)})</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Data({ task, data }: Pick<Card, 'data'> & { readonly task: TaskName }) {
  const m = t().model;
  return (
    <section class="block">
      <h2>{m.data}</h2>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{m.source}</th>
            <th scope="col">{m.licence}</th>
            <th scope="col">{m.of[task].items}</th>
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
