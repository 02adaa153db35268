/** The bin of one material where the person is, with the rule's conditions, source and date. */
import { useEffect, useState } from 'preact/hooks';
import type { Statement } from '../api/types';
import { localised, sourceDate, t } from '../i18n';
import { department, rules, rulesMissing, territory } from '../waste/place';
import { containersIn, ruleFor } from '../waste/rules';
import { settings } from '../store/settings';
import { announce } from './announce';
import { Bin, BinTag, nameParts } from './Bin';
import { Conditions } from './Conditions';
import { Icon } from './Icon';
import { Notice } from './Notice';

interface Props {
  /** Unique on the page: it names the group of conditions. */
  readonly id: string;
  readonly category: string;
}

export function BinFor({ id, category }: Props) {
  const m = t();
  const [condition, setCondition] = useState<string | null>(null);
  const resolved = ruleFor(rules.value, category, settings.value.territory);
  const exception = resolved?.unless.find(({ key }) => key === condition);
  const statement = exception ?? resolved?.rule;
  const container = statement?.container;
  const spoken = container === undefined ? null : nameParts(localised(container, 'name')).name;
  useEffect(() => {
    if (spoken !== null) announce(spoken);
  }, [spoken]);
  if (resolved === undefined || statement === undefined || container === undefined) {
    return rulesMissing.value ? <Notice icon="offline">{m.answer.rulesMissing}</Notice> : null;
  }
  return (
    <Bin container={container}>
      {resolved.unless.length > 0 && (
        <Conditions
          name={id}
          category={category}
          usual={resolved.rule}
          exceptions={resolved.unless}
          chosen={exception?.key ?? null}
          onChoose={setCondition}
        />
      )}
      <p class="advice">{localised(statement, 'advice')}</p>
      <Others codes={statement.other_containers} />
      <Provenance statement={statement} />
    </Bin>
  );
}

function Others({ codes }: { readonly codes: readonly string[] }) {
  const known = containersIn(rules.value);
  const others = codes.flatMap((code) => known.get(code) ?? []);
  if (others.length === 0) return null;
  return (
    <p class="others">
      <span>{t().answer.or}</span>
      {others.map((container) => (
        <BinTag key={container.code} container={container} />
      ))}
    </p>
  );
}

/** Which level spoke, who says so and when. */
function Provenance({ statement }: { readonly statement: Statement }) {
  const m = t();
  const urls = statement.source_url.split(/\s*\|\s*/).filter((url) => /^https?:/.test(url));
  return (
    <div class="provenance">
      <p>
        <span class={`scope scope-${statement.scope}`}>{m.answer.scope[statement.scope]}</span>{' '}
        {placeOf(statement)}
      </p>
      <p>
        {m.answer.source} {statement.source}
        {urls.map((url) => (
          <a key={url} href={url} target="_blank" rel="noreferrer noopener">
            {new URL(url).hostname.replace(/^www\./, '')}
            <Icon name="link" />
            <span class="unseen"> ({m.answer.newTab})</span>
          </a>
        ))}
        <span class="date">{sourceDate(statement.source_date)}</span>
      </p>
      {statement.confidence === 'low' && <p class="caution">{m.answer.lowConfidence}</p>}
    </div>
  );
}

function placeOf({ scope }: Statement): string {
  const m = t();
  if (scope === 'local') return territory.value?.name ?? '';
  const name = department.value?.name;
  if (scope === 'departmental') return name ?? '';
  return name === undefined ? m.answer.scopeNone : m.answer.scopeNational(name);
}
