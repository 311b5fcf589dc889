-- no index for status and order: every row is looked at for the newest few of a rare status
-- expect: selective-seq-scan
SELECT tx_index FROM issuances WHERE status = 'odd' ORDER BY tx_index DESC LIMIT 10
