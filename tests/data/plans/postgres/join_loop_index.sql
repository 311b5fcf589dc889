-- healthy: a loop over an index is what it is for
SELECT t.id FROM listing l JOIN txi t ON t.acct = l.id WHERE l.category = 3
