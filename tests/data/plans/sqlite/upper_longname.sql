SELECT tx_index FROM issuances WHERE /*<expression-defeats-index*/UPPER(asset_longname)/*>*/ = 'LONG.A77'
