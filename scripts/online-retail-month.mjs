/**
 * node scripts/online-retail-month.mjs FILE.csv[.gz] 2010-12 > online-retail-2010-12.csv.gz
 *
 * Cuts the rows of one month out of the "Online Retail" data, unchanged and in their order, and packs them. The same
 * input always gives the same bytes: gzip's header carries neither a time nor a name.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

const [path, month] = process.argv.slice(2);
if (path === undefined || !/^\d{4}-\d\d$/.test(month ?? '') || process.argv.length > 4) {
  process.stderr.write('usage: node scripts/online-retail-month.mjs FILE.csv[.gz] YYYY-MM > MONTH.csv.gz\n');
  process.exit(2);
}

const packed = readFileSync(path);
const text = (packed[0] === 0x1f && packed[1] === 0x8b ? gunzipSync(packed) : packed).toString('utf8');
const [header = '', ...lines] = text.split('\n');
// No description of this data set holds a line break, so a row is a line; its time is the only part of this form.
const time = /,(\d{4}-\d\d)-\d\dT\d\d:\d\d:\d\d,[^,]*,[^,]*,[^,]*$/;
const chosen = lines.filter((line) => time.exec(line)?.[1] === month);
if (!header.startsWith('InvoiceNo,StockCode,') || chosen.length === 0) {
  process.stderr.write(`${path} has no rows of ${month}.\n`);
  process.exit(1);
}
const cut = gzipSync(`${[header, ...chosen].join('\n')}\n`, { level: 9 });
cut[9] = 0xff; // the operating system, "unknown" (RFC 1952, section 2.3.1): it depends on where Node was built
process.stdout.write(cut);
