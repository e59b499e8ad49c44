/** SQL: an instant as epoch microseconds. Exact: `extract` gives a numeric. */
export const micros = (instant: string): string => `(extract(epoch from ${instant}) * 1000000)::bigint`
