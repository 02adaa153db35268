import js from '@eslint/js';
import globals from 'globals';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

/** No file in a lower folder imports a higher one: screens > ui > waste, tasks, sound > store, infer, capture, api. */
const LAYERS = [
  ['store', 'infer', 'capture', 'api'],
  ['waste', 'tasks', 'sound'],
  ['ui'],
  ['screens'],
];

const layerRules = LAYERS.flatMap((folders, level) =>
  folders.map((folder) => ({
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: LAYERS.slice(level + 1)
            .flat()
            .map((higher) => ({
              group: [`**/${higher}/*`],
              message: `${folder} stands below ${higher}.`,
            })),
        },
      ],
    },
  })),
);

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.ts'] },
  js.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}', 'vite.config.ts'],
    extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
    plugins: { 'react-hooks': hooks },
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        project: ['./tsconfig.json', './tsconfig.worker.json', './tsconfig.node.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      // In the pixel loops `as number` says "in range by construction"; `!` would look like doubt.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      'no-irregular-whitespace': ['error', { skipTemplates: true }], // French signs stand after one
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines': ['error', { max: 400, skipComments: true }],
    },
  },
  { files: ['scripts/*.mjs'], languageOptions: { globals: globals.node } },
  ...layerRules,
);
