import { dlt, dltArrow } from './dlt.mjs'
import { ingestr } from './ingestr.mjs'
import { pgloader } from './pgloader.mjs'
import { psql } from './psql.mjs'
import { sling } from './sling.mjs'
import { targetPostgres } from './target-postgres.mjs'

export const peers = [psql, dlt, dltArrow, sling, ingestr, targetPostgres, pgloader]
