import type { FieldError, Rows } from './row.js';

/** What the API itself, not the business, has to say about a request. */
export type RequestProblem = Readonly<
  | { code: 'request-invalid'; errors: readonly FieldError[] }
  | { code: 'body-malformed'; reason: string }
  | { code: 'body-too-large'; limitBytes: number }
  | { code: 'media-type-unsupported' | 'uri-malformed' | 'uri-too-long' | 'http-malformed' }
  | { code: 'headers-too-large' | 'request-timeout' | 'not-found' | 'host-missing' | 'host-unknown' }
  | { code: 'expectation-unsupported' }
  | { code: 'method-not-allowed'; allowed: readonly string[] }
  | { code: 'idempotency-key-missing' | 'idempotency-key-malformed' | 'if-match-malformed' }
  | { code: 'idempotency-key-reused' | 'if-match-missing' }
  | {
      code:
        | 'cursor-invalid'
        | 'fulfilment-unknown'
        | 'stock-unknown'
        | 'credit-note-unknown'
        | 'journal-unknown'
        | 'command-too-large';
    }
  | { code: 'revision-mismatch'; expectedRevision: string; currentRevision: string | null }
  | { code: 'concurrency-conflict' | 'log-unavailable' | 'views-unavailable' | 'shutting-down' }
  | { code: 'keys-unavailable' | 'personal-data-unreadable' }
  | { code: 'feed-full'; maxClients: number }
  | { code: 'too-many-commands'; atOnce: number; waiting: number }
  | { code: 'position-unknown'; minPosition: string; logPosition: string | null }
  | { code: 'view-not-ready'; view: string }
  | { code: 'view-behind'; view: string; minPosition: string; viewPosition: string | null }
  | { code: 'webhook-signature-invalid' | 'webhook-not-configured' }
  | { code: 'sandbox-object-unknown' | 'sandbox-object-ended' | 'sandbox-unavailable' }
  | { code: 'internal-error' }
>;

export const request = {
  'request-invalid': {
    status: 400,
    title: 'Request is not valid',
    meaning: 'A field of the body or a parameter is missing, unknown, or not of its form. Nothing was done.',
    remedy:
      'Correct what `errors` names. Unknown fields and parameters are refused, so that a typing error is not ignored.',
    example: { errors: [{ pointer: '/lines/0/quantity', detail: 'must be a whole number from 1 to 1000000000' }] },
    errors: ({ errors }) => errors,
  },
  'body-malformed': {
    status: 400,
    title: 'Body is not JSON',
    meaning: 'The body of the request cannot be read as a JSON text in UTF-8.',
    remedy: 'Send well-formed JSON (RFC 8259) with `Content-Type: application/json`.',
    example: { reason: 'Unexpected end of JSON input' },
    detail: ({ reason }) => reason,
  },
  'body-too-large': {
    status: 413,
    title: 'Body is too large',
    meaning: 'The body of the request is longer than the API takes.',
    remedy: 'Send at most `limitBytes` bytes; divide what is larger.',
    example: { limitBytes: 262_144 },
  },
  'media-type-unsupported': {
    status: 415,
    title: 'Media type is not supported',
    meaning: 'The body of the request is of another type than JSON, in another charset than UTF-8, or compressed.',
    remedy: 'Send JSON in UTF-8 with `Content-Type: application/json`, without content encoding.',
    example: {},
  },
  'uri-malformed': {
    status: 400,
    title: 'URI is malformed',
    meaning: 'The path holds something that is not valid percent-encoding of UTF-8.',
    remedy: 'Encode each part of the path (RFC 3986, section 2.1).',
    example: {},
  },
  'uri-too-long': {
    status: 414,
    title: 'URI is too long',
    meaning: 'A part of the path is longer than any id can be.',
    remedy: 'Check how the URI was put together.',
    example: {},
  },
  'http-malformed': {
    status: 400,
    title: 'Not a valid HTTP request',
    meaning: 'What was sent breaks the rules of HTTP/1.1, so it was not looked at any further.',
    remedy: 'Check the client or the proxy that sent it.',
    example: {},
  },
  'headers-too-large': {
    status: 431,
    title: 'Header fields are too large',
    meaning: 'The header section of the request is longer than 16 KiB.',
    remedy: 'Send fewer or shorter header fields.',
    example: {},
  },
  'request-timeout': {
    status: 408,
    title: 'Request took too long to arrive',
    meaning: 'The request, its body included, had not arrived within 30 seconds. Nothing was done.',
    remedy: 'Send it again, with the same `Idempotency-Key`.',
    example: {},
    retryable: true,
  },
  'host-missing': {
    status: 400,
    title: 'Host header is missing',
    meaning: 'A request of HTTP/1.1 has to say in its `Host` header whom it is for (RFC 9112, section 3.2).',
    remedy: 'Send the header: `Host: 127.0.0.1`, with the port. Every HTTP library does.',
    example: {},
    errors: () => [{ header: 'Host', detail: 'is missing' }],
  },
  'host-unknown': {
    status: 421,
    title: 'Host is not this machine',
    meaning:
      'The `Host` header names something other than this machine. While there is no authentication, only `localhost` and ' +
      'loopback addresses are served, so that no web page can reach the ledger under a name of its own.',
    remedy: 'Use `http://127.0.0.1` or `http://localhost` with the port.',
    example: {},
  },
  'expectation-unsupported': {
    status: 417,
    title: 'Expectation is not supported',
    meaning: 'The `Expect` header asks for something other than `100-continue`. Nothing was done.',
    remedy: 'Leave the header out, or send `Expect: 100-continue` (RFC 9110, section 10.1.1).',
    example: {},
    errors: () => [{ header: 'Expect', detail: 'must be 100-continue, if it is there at all' }],
  },
  'not-found': {
    status: 404,
    title: 'No such resource',
    meaning: 'The API has nothing at this path.',
    remedy: 'See the documentation for what there is.',
    example: {},
  },
  'method-not-allowed': {
    status: 405,
    title: 'Method is not allowed here',
    meaning: 'There is something at this path, but it does not know this method.',
    remedy: 'Use one of the methods in `allowed`, which are in the `Allow` header too.',
    example: { allowed: ['GET', 'HEAD'] },
  },
  'idempotency-key-missing': {
    status: 400,
    title: 'Idempotency-Key is missing',
    meaning: 'Every command needs an `Idempotency-Key`, so that it can be repeated without being done twice.',
    remedy: 'Send a fresh UUID (version 7 is best) with each new command, and the same one when you repeat it.',
    example: {},
    errors: () => [{ header: 'Idempotency-Key', detail: 'is missing' }],
  },
  'idempotency-key-malformed': {
    status: 400,
    title: 'Idempotency-Key is malformed',
    meaning:
      'The key is not 1 to 255 printable ASCII characters, bare or as a quoted string (RFC 9651, section 3.3.3).',
    remedy: 'Send for example a UUID.',
    example: {},
    errors: () => [{ header: 'Idempotency-Key', detail: 'must be 1 to 255 printable ASCII characters' }],
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency-Key was used for another command',
    meaning: 'The same key came before with other content. Nothing was done now; what the first one did stays.',
    remedy: 'Use a fresh key for a new command. To repeat a command, send exactly what was sent first.',
    example: {},
  },
  'if-match-malformed': {
    status: 400,
    title: 'If-Match is malformed',
    meaning: '`If-Match` is not one strong entity tag that this API gave.',
    remedy: 'Send the `ETag` of an earlier answer as it was, with its quotes: `"3"`.',
    example: {},
    errors: () => [{ header: 'If-Match', detail: 'must be one strong entity tag, for example "3"' }],
  },
  'if-match-missing': {
    status: 428,
    title: 'If-Match is missing',
    meaning: 'This command changes what was read before, so it has to say what it was decided on. Nothing was done.',
    remedy: 'Read it (or a preview of the command), decide, and send the `ETag` of that answer as `If-Match`.',
    example: {},
    errors: () => [{ header: 'If-Match', detail: 'is missing' }],
  },
  'revision-mismatch': {
    status: 412,
    title: 'It has changed since',
    meaning: 'What `If-Match` says was decided on is no longer the current revision (or never was). Nothing was done.',
    remedy: 'Read it again, decide again, and send the new `ETag` with a fresh `Idempotency-Key`.',
    example: { expectedRevision: '3', currentRevision: '4' },
    detail: ({ expectedRevision, currentRevision }) =>
      currentRevision === null
        ? `Nothing exists under this id; revision ${expectedRevision} was expected.`
        : `It is at revision ${currentRevision}; ${expectedRevision} was expected.`,
  },
  'concurrency-conflict': {
    status: 409,
    title: 'Too many writers at once',
    meaning:
      'Other processes kept writing to the same thing: the command was tried again for ten seconds, and lost every race; or ' +
      'a draft was placed that changed each of the five times that its prices were looked up. Nothing was done. A command ' +
      'with `If-Match` is told `revision-mismatch` as soon as another write has gone before it.',
    remedy: 'Send it again, with the same `Idempotency-Key`.',
    example: {},
    retryable: true,
  },
  'command-too-large': {
    status: 422,
    title: 'Command is too large',
    meaning: 'What would have to be recorded is larger than one event may be.',
    remedy: 'Divide the document.',
    example: {},
  },
  'cursor-invalid': {
    status: 400,
    title: 'Cursor is not valid here',
    meaning: 'The cursor was not given by this list with these filters, or it has been changed.',
    remedy: 'Begin again without a cursor, and follow `nextCursor` with otherwise the same parameters.',
    example: {},
    errors: () => [{ parameter: 'cursor', detail: 'does not belong to this query' }],
  },
  'stock-unknown': {
    status: 404,
    title: 'No stock here',
    meaning: 'No movement of this SKU at this location is known.',
    remedy: 'Check the SKU (upper case) and the location (lower case).',
    example: {},
  },
  'fulfilment-unknown': {
    status: 404,
    title: 'The ledger does not fulfil this order',
    meaning: 'There is no order with this id that was placed with `fulfilFrom`, or the view has not seen it yet.',
    remedy:
      'Send the `Ledger-Position` of the place command as `minPosition`. Place orders with `fulfilFrom` to have them fulfilled.',
    example: {},
  },
  'credit-note-unknown': {
    status: 404,
    title: 'No such credit note',
    meaning: 'No credit note has been issued under this id.',
    remedy: 'Check the id.',
    example: {},
  },
  'journal-unknown': {
    status: 404,
    title: 'No such posting',
    meaning: 'Nothing has been posted under this id.',
    remedy: 'Check the id.',
    example: {},
  },
  'too-many-commands': {
    status: 503,
    title: 'Too many commands at once',
    meaning:
      'As many commands over NATS as this process does at once are under way, and as many wait as may, or this one has waited ' +
      'for its turn in vain. Nothing of it was done.',
    remedy:
      'Send it again after `Retry-After`, with the same `Idempotency-Key`; send fewer at once, or start another API.',
    example: { atOnce: 64, waiting: 1024 },
    retryable: true,
  },
  'feed-full': {
    status: 503,
    title: 'Feed is full',
    meaning: 'As many clients as this process takes follow the events already.',
    remedy: 'Try again later, or read `/v1/events` page by page.',
    example: { maxClients: 64 },
    retryable: true,
  },
  'position-unknown': {
    status: 400,
    title: 'No such position in the log',
    meaning:
      'The log ends before `minPosition`, so it never gave that position, and no view is going to reach it soon.',
    remedy: 'Send the `Ledger-Position` of a command that this ledger took, as it was; those of another ledger differ.',
    example: { minPosition: '1042', logPosition: '17' },
    detail: ({ minPosition, logPosition }) =>
      `The log ${logPosition === null ? 'is empty' : `ends at ${logPosition}`}; ${minPosition} was asked for.`,
    errors: () => [{ parameter: 'minPosition', detail: 'is past the end of the log' }],
  },
  'view-not-ready': {
    status: 503,
    title: 'View is not ready',
    meaning:
      'The read model that answers this has not been built yet. The projector may not be running, or has just begun.',
    remedy: 'Start the projector, and try again. Commands are taken all the same.',
    example: { view: 'orders' },
    detail: ({ view }) => `The view ${view} has not been built yet: is the projector running?`,
    retryable: true,
  },
  'view-behind': {
    status: 503,
    title: 'View is behind',
    meaning: 'The read model did not reach the position asked for within the time to wait.',
    remedy: 'Try again after `Retry-After`, wait longer (`Prefer: wait=30`), or leave `minPosition` out.',
    example: { view: 'orders', minPosition: '1042', viewPosition: '1017' },
    detail: ({ view, minPosition, viewPosition }) =>
      `The view ${view} is at ${viewPosition ?? 'its beginning'}; ${minPosition} was asked for.`,
    retryable: true,
  },
  'webhook-signature-invalid': {
    status: 400,
    title: 'Webhook is not signed by its sender',
    meaning: 'None of the secrets of this endpoint has signed the body, or it was signed more than five minutes ago.',
    remedy: 'Set STRIPE_WEBHOOK_SECRET to the secret of the endpoint, and look whether this machine’s clock is right.',
    example: {},
    errors: () => [{ header: 'Stripe-Signature', detail: 'is missing, or not of this body' }],
  },
  'webhook-not-configured': {
    status: 503,
    title: 'Webhooks are not configured',
    meaning: 'No secret is set for webhooks of this sender, so none can be believed.',
    remedy: 'Set STRIPE_WEBHOOK_SECRET to the secret of the endpoint. The sender will try again.',
    example: {},
    retryable: true,
  },
  'log-unavailable': {
    status: 503,
    title: 'The log is not available',
    meaning:
      'The log did not answer, or the command waited for ten seconds for others on the same thing, and was not tried. For a ' +
      'command: whether it was recorded is not known.',
    remedy: 'Send it again, with the same `Idempotency-Key`: it will not be done twice.',
    example: {},
    retryable: true,
  },
  'views-unavailable': {
    status: 503,
    title: 'The views are not available',
    meaning: 'The store of the read models did not answer. Commands are not concerned.',
    remedy: 'Try again after `Retry-After`.',
    example: {},
    retryable: true,
  },
  'keys-unavailable': {
    status: 503,
    title: 'The keys are not available',
    meaning:
      'The store of the keys of personal data did not answer. An erasure that was asked for is recorded, or is not: repeat it.',
    remedy: 'Repeat the request after `Retry-After`, a command with the same `Idempotency-Key`.',
    example: {},
    retryable: true,
  },
  'personal-data-unreadable': {
    status: 500,
    title: 'Personal data cannot be read',
    meaning: 'The key of the customer’s personal data is lost, or the data were changed where they are stored.',
    remedy: 'Tell whoever runs the ledger: `ledger doctor` says more, and keys can be put back from their backup.',
    example: {},
  },
  'sandbox-object-unknown': {
    status: 404,
    title: 'The sandbox has nothing of this name',
    meaning: 'No authorization that requires an action, or no dispute, has this name in the sandbox.',
    remedy: 'Read the payment: its operations and disputes have the names that the sandbox gave.',
    example: {},
  },
  'sandbox-object-ended': {
    status: 409,
    title: 'It has come to another end already',
    meaning:
      'The customer has approved or refused it before, the hold was given up, or the dispute was ended otherwise.',
    remedy: 'Read the payment: it says what became of it.',
    example: {},
  },
  'sandbox-unavailable': {
    status: 503,
    title: 'The sandbox is not available',
    meaning: "The sandbox's file cannot be read or written just now. Nothing was done.",
    remedy: 'Try again after `Retry-After`.',
    example: {},
    retryable: true,
  },
  'shutting-down': {
    status: 503,
    title: 'Shutting down',
    meaning: 'This process is about to stop and takes nothing new.',
    remedy: 'Send it again, with the same `Idempotency-Key`.',
    example: {},
    retryable: true,
  },
  'internal-error': {
    status: 500,
    title: 'Internal error',
    meaning: 'Something is wrong on our side. It has been written to the log of the process under the `correlationId`.',
    remedy: 'Tell us the `correlationId`. Sending the same request with the same `Idempotency-Key` is safe.',
    example: {},
  },
} satisfies Rows<RequestProblem>;
