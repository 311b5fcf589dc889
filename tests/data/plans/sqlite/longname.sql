-- healthy
SELECT tx_index FROM issuances WHERE asset_longname = 'long.A77'
