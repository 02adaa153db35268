import { expect, test, vi } from 'vitest';
import type { Catalogue } from '../api/types';
import { productsHere } from './catalogue';

const place = (code: string) => ({ code, name_fr: code, name_en: code, kind: 'bin', colour: '#F7C600', icon: 'trash' }) as const;
const CATALOGUE: Catalogue = {
  containers: [place('BAC_JAUNE'), place('BORNE_VERRE'), place('REEMPLOI')],
  products: [
    { code: 'pot', name_fr: 'Pot en plastique (yaourt)', synonyms: [], everyday: [], category: 'plastique', containers: ['BAC_JAUNE'] },
    { code: 'bocal', name_fr: 'Bocal en verre', synonyms: [], everyday: ['confiture'], category: 'verre', containers: ['REEMPLOI', 'BORNE_VERRE'] },
  ],
};

test('a misspelt object is found without the server, with its bins in order', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json(CATALOGUE)));
  const [pot] = await productsHere('pot de yahourt plastique');
  expect(pot?.code).toBe('pot');
  const [jar] = await productsHere('confitures');
  expect(jar?.matched).toBe('confiture');
  expect(jar?.containers.map(({ code }) => code)).toEqual(['REEMPLOI', 'BORNE_VERRE']);
});
