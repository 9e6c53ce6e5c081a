/**
 * A process for the supervisor to run, in place of the API or the projector. Its first argument says how it behaves:
 * ready, refuse, once (ready the first time, refuses from then on; its second argument is a file it marks that with),
 * crash (before it is ready), stubborn (does not stop), unclean (fails while it stops).
 */
import { existsSync, writeFileSync } from 'node:fs';

const [behaviour, url] = process.argv.slice(2);
const stayUp = setInterval(() => undefined, 60_000);
const again = behaviour === 'once' && existsSync(url);
if (behaviour === 'once') writeFileSync(url, '');

switch (again ? 'refuse' : behaviour) {
  case 'refuse':
    process.send({ type: 'refused', message: 'the moon is in the way' }, () => process.exit(78));
    break;
  case 'crash':
    process.exit(3);
    break;
  case 'stubborn':
    process.on('SIGTERM', () => undefined);
    process.send({ type: 'ready' });
    break;
  case 'unclean':
    process.on('SIGTERM', () => process.exit(4));
    process.send({ type: 'ready' });
    break;
  default:
    process.on('SIGTERM', () => clearInterval(stayUp) ?? process.disconnect());
    process.send({ type: 'ready', ...(url ? { url } : {}) });
}
