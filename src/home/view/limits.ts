/** Exchanges that one answer of `GET /api/v1/exchanges` has at the most. */
export const EXCHANGES_MOST = 500;
