/** 1 to 64 of `A-Z a-z 0-9 . _ -`, beginning with a letter or a digit. */
export const ORDER_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** As an order id. A name, an address or a telephone number is no customer id: it would stay in the log for ever. */
export const CUSTOMER_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
