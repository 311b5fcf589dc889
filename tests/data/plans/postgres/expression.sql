-- expect: expression-defeats-index
SELECT id FROM account WHERE upper(email) = 'USER7@EXAMPLE.ORG'
