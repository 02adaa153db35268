/** The thirteen materials, in the order of the model's labels. */
export const CATEGORIES = [
  'bois',
  'carton',
  'cuir',
  'textile',
  'alimentaire',
  'dechets_verts',
  'electronique',
  'metal',
  'papier',
  'pierre',
  'plastique',
  'verre',
  'autre',
] as const;

export type Category = (typeof CATEGORIES)[number];

export function isCategory(code: string): code is Category {
  return (CATEGORIES as readonly string[]).includes(code);
}
