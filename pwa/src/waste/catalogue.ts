/** Products and containers kept with the app: search without the network. */
import { request } from '../api/client';
import type { Container, Product } from '../api/types';
import type { Entry, SearchIndex } from './search';

interface Catalogue {
  readonly containers: readonly Container[];
  readonly products: readonly (Entry & { readonly containers: readonly string[] })[];
}

interface Ready {
  readonly index: SearchIndex;
  readonly products: ReadonlyMap<string, Omit<Product, 'score' | 'matched'>>;
}

let preparing: Promise<Ready> | undefined;

async function prepare(): Promise<Ready> {
  const [{ SearchIndex }, response] = await Promise.all([
    import('./search'),
    request('/products.json'),
  ]);
  const catalogue = (await response.json()) as Catalogue;
  const places = new Map(catalogue.containers.map((container) => [container.code, container]));
  const products = catalogue.products.map(({ code, name_fr, category, containers }) => ({
    code,
    name_fr,
    category,
    containers: containers.flatMap((place) => places.get(place) ?? []),
  }));
  return {
    index: new SearchIndex(catalogue.products),
    products: new Map(products.map((product) => [product.code, product])),
  };
}

/** What the server would find, found here. */
export async function productsHere(query: string): Promise<Product[]> {
  preparing ??= prepare();
  preparing.catch(() => (preparing = undefined)); // it may come next time
  const { index, products } = await preparing;
  return index.rank(query).flatMap(({ code, score, matched }) => {
    const product = products.get(code);
    return product === undefined ? [] : [{ ...product, score, matched }];
  });
}
