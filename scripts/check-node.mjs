/**
 * Imported first by every script here: says plainly what to do when it runs on a Node that is too old, before anything
 * newer is loaded. Kept to syntax that an old Node can read.
 */
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const wanted = manifest.engines.node.replace('>=', '');

const parts = (version) => version.split('.').map(Number);
const [major, minor] = parts(process.versions.node);
const [wantedMajor, wantedMinor = 0] = parts(wanted);

if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
  process.stderr.write(
    `Commerce Ledger needs Node ${wanted} or newer; this is Node ${process.versions.node}.\n` +
      'It brings its own: run "npm ci" once, then "npm start" or "npm run ledger -- ...", which use that one.\n',
  );
  process.exit(1);
}
