/** What orders.lua does, for machines without wrk: it needs most of a core for itself, so the server shows less. */
import { appendFileSync, writeFileSync } from 'node:fs';
import autocannon from 'autocannon';
import { v7 } from 'uuid';

const { ACKNOWLEDGED_FILE = '', SUMMARY_FILE = '', SKUS = '', URL: url = '', SECONDS = '', CLIENTS = '' } = process.env;
const random = (most: number): number => 1 + Math.floor(Math.random() * most);
const line = () => ({ sku: `BENCH-${random(Number(SKUS))}`, quantity: random(9) });
const acknowledged: string[] = [];

const result = await autocannon({
  url: `${url}/v1/orders`,
  connections: Number(CLIENTS),
  duration: Number(SECONDS),
  requests: [
    {
      method: 'POST',
      setupRequest: (request) => ({
        ...request,
        headers: { 'content-type': 'application/json', 'idempotency-key': v7() },
        body: JSON.stringify({
          currency: 'GBP',
          customerId: `cus_${random(5_000)}`,
          country: 'United Kingdom',
          lines: [line(), line(), line()],
        }),
      }),
      onResponse: (status, body) => {
        acknowledged.push(status === 201 ? String((JSON.parse(body) as { id: string }).id) : `! ${status} ${body}`);
      },
    },
  ],
});

appendFileSync(ACKNOWLEDGED_FILE, acknowledged.map((id) => `${id}\n`).join(''));
const { latency } = result;
writeFileSync(
  SUMMARY_FILE,
  JSON.stringify({
    durationUs: result.duration * 1e6,
    requests: result.requests.total,
    p50Us: latency.p50 * 1e3,
    p90Us: latency.p90 * 1e3,
    p99Us: latency.p99 * 1e3,
    p999Us: latency.p99_9 * 1e3,
    maxUs: latency.max * 1e3,
    socketErrors: result.errors,
  }),
);
