/*
 * Fill the tables/* nested /* comment */z */ CREgust 2024, and the same rows eacb_ht