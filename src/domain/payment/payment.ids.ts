/** 1 to 64 of `A-Z a-z 0-9 . _ -`, beginning with a letter or a digit. */
export const PAYMENT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** As a payment id. */
export const REFUND_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
