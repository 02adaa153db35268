/** An object by its name: where it goes, with typing errors allowed. */
import { useEffect, useState } from 'preact/hooks';
import { OfflineError, ProblemError, products } from '../api/client';
import type { Product } from '../api/types';
import { t } from '../i18n';
import { materialName } from '../ui/Answer';
import { Bin, BinTag } from '../ui/Bin';
import { Notice } from '../ui/Notice';

const PAUSE_MS = 200;

type Found =
  | { readonly kind: 'nothing-asked' }
  | { readonly kind: 'offline' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'found'; readonly query: string; readonly products: readonly Product[] };

export function Search() {
  const m = t();
  const [query, setQuery] = useState('');
  const found = useProducts(query.trim());
  return (
    <div class="page">
      <h1 tabIndex={-1}>{m.title.search}</h1>
      <form role="search" class="field" onSubmit={(event) => event.preventDefault()}>
        <label class="label" for="query">
          {m.search.label}
        </label>
        <input
          id="query"
          type="search"
          lang="fr"
          enterkeyhint="search"
          autocomplete="off"
          spellcheck={false}
          value={query}
          placeholder={m.search.placeholder}
          aria-describedby="query-hint"
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
        <p id="query-hint" class="small">
          {m.search.hint}
        </p>
      </form>
      <Results found={found} />
    </div>
  );
}

function useProducts(query: string): Found {
  const [found, setFound] = useState<Found>({ kind: 'nothing-asked' });
  useEffect(() => {
    if (query === '') {
      setFound({ kind: 'nothing-asked' });
      return;
    }
    const abort = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        setFound({ kind: 'found', query, products: await products(query, abort.signal) });
      } catch (error) {
        if (abort.signal.aborted) return; // another letter was typed
        if (error instanceof OfflineError) setFound({ kind: 'offline' });
        else if (error instanceof ProblemError) setFound({ kind: 'failed' });
        else throw error;
      }
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query]);
  return found;
}

function Results({ found }: { readonly found: Found }) {
  const m = t();
  if (found.kind === 'nothing-asked') return null;
  if (found.kind === 'offline') return <Notice icon="offline">{m.search.offline}</Notice>;
  if (found.kind === 'failed') return <Notice icon="info">{m.problem.other}</Notice>;
  if (found.products.length === 0) {
    return (
      <p class="empty" role="status">
        {m.search.none(found.query)}
      </p>
    );
  }
  return (
    <>
      <p class="small" role="status">
        {m.search.found(found.products.length)}
      </p>
      <ul class="products">
        {found.products.map((product) => (
          <li key={product.code}>
            <ProductCard product={product} />
          </li>
        ))}
      </ul>
    </>
  );
}

function ProductCard({ product }: { readonly product: Product }) {
  const [first, ...others] = product.containers;
  return (
    <article class="product">
      <h2 lang="fr">{product.name_fr}</h2>
      <p class="small">{materialName(product.category)}</p>
      {first !== undefined && (
        <Bin container={first}>
          {others.length === 0 ? null : (
            <p class="others">
              <span>{t().search.then}</span>
              {others.map((container) => (
                <BinTag key={container.code} container={container} />
              ))}
            </p>
          )}
        </Bin>
      )}
    </article>
  );
}
