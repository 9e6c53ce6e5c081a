/** Stream names: `category-id`. A category has no dash, because engines cut the name at the first one. */
export const productStream = (sku: string): string => `product-${sku}`;
export const stockStream = (sku: string, location: string): string => `stock-${sku}@${location}`;
export const orderStream = (orderId: string): string => `order-${orderId}`;
export const paymentStream = (paymentId: string): string => `payment-${paymentId}`;
/** Provider event ids are the provider's own: `evt_…`. */
export const providerEventStream = (provider: string, eventId: string): string =>
  `providerevent-${provider}.${eventId}`;
export const creditNoteStream = (creditNoteId: string): string => `creditnote-${creditNoteId}`;
export const journalStream = (journalId: string): string => `journal-${journalId}`;
export const customerStream = (customerId: string): string => `customer-${customerId}`;
