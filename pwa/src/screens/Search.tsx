/** An object by its name: where it goes, with typing errors allowed. */
import { useEffect, useState } from 'preact/hooks';
import { OfflineError, ProblemError, products } from '../api/client';
import type { Product } from '../api/types';
import { t } from '../i18n';
import { Bin, BinTag } from '../ui/Bin';
import { materialName } from '../ui/material';
import { Notice } from '../ui/Notice';
import { productsHere } from '../waste/catalogue';
import { fold } from '../waste/fold';

const PAUSE_MS = 200;

type Found =
  | { readonly kind: 'nothing-asked' }
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

/** The server's answer; without a network the phone's own, which is the same. */
async function search(query: string, signal: AbortSignal): Promise<readonly Product[]> {
  try {
    return await products(query, signal);
  } catch (error) {
    if (error instanceof OfflineError) return productsHere(query);
    throw error;
  }
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
        const answer = await search(query, abort.signal);
        if (!abort.signal.aborted) setFound({ kind: 'found', query, products: answer });
      } catch (error) {
        if (abort.signal.aborted) return; // another letter was typed
        if (!(error instanceof OfflineError || error instanceof ProblemError)) throw error;
        setFound({ kind: 'failed' });
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
  if (found.kind === 'failed') return <Notice icon="info">{m.search.failed}</Notice>;
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
      <p class="small">
        {materialName(product.category)}
        {fold(product.matched) !== fold(product.name_fr) && (
          <>
            {' · '}
            <span lang="fr">{t().search.matched(product.matched)}</span>
          </>
        )}
      </p>
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
