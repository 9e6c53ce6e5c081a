import type { Authentication } from '../../../src/application/ports/sandbox-bank.js';
import { majorUnits } from '../../../src/domain/money.js';
import { html, htmlPage } from '../html-page.js';

const ENDED: Readonly<Record<Exclude<Authentication['status'], 'open'>, string>> = {
  succeeded: 'The payment was approved.',
  failed: 'The payment was not approved.',
  canceled: 'The shop has given this payment up.',
};

/** The page of the bank on which a customer approves a payment, or does not (3-D Secure). */
export function authenticationPage({ amount, paymentId, status }: Authentication): string {
  const shown = new Intl.NumberFormat('en', { style: 'currency', currency: amount.currency });
  const price = shown.format(majorUnits(amount) as Intl.StringNumericLiteral);
  const about = `<p>A shop asks for <strong>${html(price)}</strong> (payment
<code>${html(paymentId)}</code>). This is the sandbox's bank: no money moves.</p>`;
  if (status !== 'open') return htmlPage('Approve a payment', `${about}\n<p>${ENDED[status]}</p>`);
  return htmlPage(
    'Approve a payment',
    `${about}
<p><button value="succeeded">Approve</button> <button value="failed">Refuse</button></p>
<p id="said" role="status"></p>
<script>
for (const button of document.querySelectorAll('button')) button.onclick = async () => {
  const answer = await fetch(location.pathname + '/complete', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ outcome: button.value }),
  });
  if (answer.ok) location.reload();
  else document.getElementById('said').textContent = (await answer.json()).title;
};
</script>`,
  );
}
