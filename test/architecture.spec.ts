import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

/**
 * Who may import whom. `packages` are npm packages and `node:` modules, by their names as imported: an
 * array is a complete list; `'any'` leaves it to the room. A file may also import from its own room.
 */
type Room = Readonly<{ rooms: readonly string[]; packages: readonly string[] | 'any' }>;
const TABLE: Readonly<Record<string, Room>> = {
  'src/domain': { rooms: [], packages: [] },
  'src/projections': { rooms: ['src/domain'], packages: [] },
  'src/application': {
    rooms: ['src/domain', 'src/projections'],
    packages: ['@nestjs/common', '@nestjs/cqrs', 'node:crypto'],
  },
  'src/infrastructure': { rooms: ['src/domain', 'src/projections', 'src/application'], packages: 'any' },
  apps: { rooms: ['src/domain', 'src/projections', 'src/application', 'src/infrastructure'], packages: 'any' },
};
const PURE = ['src/domain', 'src/projections'];

const root = resolve(import.meta.dirname, '..');
const sources = ['src', 'apps'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => /\.(ts|tsx|mts|cts|js|mjs|cjs)$/.test(path)),
);
const roomOf = (path: string): string | undefined => Object.keys(TABLE).find((room) => path.startsWith(`${room}/`));
const filesOf = (room: string): readonly string[] => sources.filter((path) => roomOf(path) === room);

/** Everything a file imports: a path from the repository's root, or a package as written. */
function importsOf(path: string, text: string): readonly string[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.map(({ fileName }) =>
    fileName.startsWith('.') ? relative(root, resolve(root, dirname(path), fileName)) : fileName,
  );
}

/** What an import table has against one file. */
function trespasses(path: string, text: string): readonly string[] {
  const room = roomOf(path);
  if (room === undefined) return [`${path} is in no room of the table`];
  const { rooms, packages } = TABLE[room]!;
  return importsOf(path, text)
    .filter((imported) => {
      const into = roomOf(imported);
      if (into !== undefined) return into !== room && !rooms.includes(into);
      if (/^(\.\.|src|apps|test|bench|scripts)(\/|$)/.test(imported)) return true;
      return packages !== 'any' && !packages.includes(imported);
    })
    .map((imported) => `${path} imports ${imported}`);
}

/** What makes a fold or a decision depend on more than its arguments, or makes money a float. */
function impurities(path: string, text: string): readonly string[] {
  const found: string[] = [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const say = (node: ts.Node, what: string): void => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    found.push(`${path}:${line + 1} ${what}`);
  };
  const look = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const name = node.getText(file);
      if (['Date.now', 'Math.random', 'Number.parseFloat'].includes(name)) say(node, name);
    } else if (ts.isNewExpression(node) && node.expression.getText(file) === 'Date' && !node.arguments?.length) {
      say(node, 'new Date()');
    } else if (ts.isCallExpression(node)) {
      const name = node.expression.getText(file);
      if (name === 'Date' || name === 'parseFloat') say(node, `${name}()`);
      if (path.startsWith('src/domain/') && ['Number', 'Number.parseInt', 'parseInt'].includes(name))
        say(node, `${name}()`);
    } else if (ts.isAwaitExpression(node)) {
      say(node, 'await');
    } else if (node.kind === ts.SyntaxKind.AsyncKeyword) {
      say(node, 'async');
    } else if (ts.isIdentifier(node) && GLOBALS.has(node.text) && !ts.isPropertyAssignment(node.parent)) {
      if (!(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node)) say(node, node.text);
    }
    ts.forEachChild(node, look);
  };
  look(file);
  return found;
}
const GLOBALS = new Set(['process', 'globalThis', 'performance', 'console', 'fetch', 'setTimeout', 'setInterval']);

describe('the import table', () => {
  test.each(Object.keys(TABLE))('has files of %s to look at', (room) => {
    expect(filesOf(room).length).toBeGreaterThan(0);
  });

  test.each(Object.keys(TABLE))('holds in %s', (room) => {
    expect(filesOf(room).flatMap((path) => trespasses(path, readFileSync(join(root, path), 'utf8')))).toEqual([]);
  });

  test('has a row for every file', () => {
    expect(sources.filter((path) => roomOf(path) === undefined)).toEqual([]);
  });

  test.each([
    ['src/domain/a.ts', `import type { X } from '../projections/b.js';`],
    ['src/domain/a.ts', `import { createHash } from 'node:crypto';`],
    ['src/domain/order/a.ts', `export * from '../../application/errors.js';`],
    ['src/domain/a.ts', `import 'uuid';`],
    ['src/domain/a.ts', `const { v7 } = require('uuid');`],
    ['src/domain/a.ts', `type X = import('../application/errors.js').Rejected;`],
    ['src/projections/a.ts', `import { Rejected } from '../application/errors.js';`],
    ['src/projections/a.ts', `const late = () => import('fs');`],
    ['src/application/a.ts', `import { Store } from '../infrastructure/store.js';`],
    ['src/application/a.ts', `import { DatabaseSync } from 'node:sqlite';`],
    ['src/infrastructure/a.ts', `import { main } from '../../apps/api/main.js';`],
    ['src/infrastructure/a.ts', `import { given } from '../../test/domain/specify.js';`],
    ['apps/api/a.ts', `import { given } from '../../test/domain/specify.js';`],
    ['src/helpers/a.ts', ``],
  ])('catches %s with %s', (path, text) => {
    expect(trespasses(path, text)).toHaveLength(1);
  });

  test.each([
    ['src/domain/order/a.ts', `import { b } from './b.js'; import { c } from '../c.js';`],
    ['src/projections/a.ts', `import { c } from '../domain/c.js';`],
    ['src/application/a.ts', `import { Command } from '@nestjs/cqrs'; import { c } from '../projections/c.js';`],
    [
      'src/infrastructure/a.ts',
      `import { DatabaseSync } from 'node:sqlite'; import { p } from '../application/ports/p.js';`,
    ],
    ['apps/api/a.ts', `import { DatabaseSync } from 'node:sqlite'; import { p } from '../../src/infrastructure/p.js';`],
    ['src/domain/a.ts', `// import 'uuid'\nconst text = "import 'uuid'";`],
  ])('lets %s with %s be', (path, text) => {
    expect(trespasses(path, text)).toEqual([]);
  });
});

describe('what is pure', () => {
  test.each(PURE)('is all of %s', (room) => {
    expect(filesOf(room).flatMap((path) => impurities(path, readFileSync(join(root, path), 'utf8')))).toEqual([]);
  });

  test.each([
    'Date.now();',
    'new Date();',
    'new Date;',
    'Date();',
    'Math.random();',
    'const f = async () => 1;',
    'async function f() {}',
    'class A { async f() {} }',
    'await x;',
    'parseFloat("1.5");',
    'Number.parseFloat("1.5");',
    'Number(minor);',
    'setTimeout(f, 1);',
    'const env = process.env;',
    'globalThis.x;',
  ])('is not %s', (text) => {
    expect(impurities('src/domain/a.ts', text)).toHaveLength(1);
  });

  test.each([
    'new Date(0);',
    'Number.isInteger(1); Number.MAX_SAFE_INTEGER;',
    '/** new Date(), async, Number(x) */',
    'const text = "await Date.now()";',
    'state.process; ({ console: 1 });',
  ])('is %s', (text) => {
    expect(impurities('src/domain/a.ts', text)).toEqual([]);
  });
});
