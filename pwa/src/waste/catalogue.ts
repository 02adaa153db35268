/** All products and containers, kept by the service worker: search without the network. */
import * as api from '../api/client';
import type { Product } from '../api/types';
import type { SearchIndex } from './search';

interface Ready {
  readonly index: SearchIndex;
  readonly products: ReadonlyMap<string, Omit<Product, 'score' | 'matched'>>;
}

let preparing: Promise<Ready> | undefined;

async function prepare(): Promise<Ready> {
  const [{ SearchIndex }, catalogue] = await Promise.all([import('./search'), api.catalogue()]);
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

/** Let the service worker keep today's catalogue. Without a network it keeps the one it has. */
export async function refreshCatalogue(): Promise<void> {
  try {
    await api.catalogue();
  } catch (error) {
    if (!(error instanceof api.OfflineError || error instanceof api.ProblemError)) throw error;
  }
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
