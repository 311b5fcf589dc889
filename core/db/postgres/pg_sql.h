/*
 * The SQL of sql/, one array per file, embedded at build time (cmake/RhEmbed.cmake).
 */
#ifndef PG_SQL_H
#define PG_SQL_H

extern const char rh_pg_sql_check_extensions[];
extern const char rh_pg_sql_check_locale[];
extern const char rh_pg_sql_check_owners[];
extern const char rh_pg_sql_check_roles[];
extern const char rh_pg_sql_check_tablespaces[];
extern const char rh_pg_sql_columns[];
extern const char rh_pg_sql_copy_defaults[];
extern const char rh_pg_sql_copy_tables[];
extern const char rh_pg_sql_copy_views[];
extern const char rh_pg_sql_copy_views_used[];
extern const char rh_pg_sql_database_empty[];
extern const char rh_pg_sql_database_look[];
extern const char rh_pg_sql_database_settings[];
extern const char rh_pg_sql_defang_jobs[];
extern const char rh_pg_sql_defang_options[];
extern const char rh_pg_sql_facts[];
extern const char rh_pg_sql_identity[];
extern const char rh_pg_sql_index_begun[];
extern const char rh_pg_sql_index_order[];
extern const char rh_pg_sql_lock_holders[];
extern const char rh_pg_sql_lock_list[];
extern const char rh_pg_sql_privileges[];
extern const char rh_pg_sql_profile_reads[];
extern const char rh_pg_sql_profile_tables[];
extern const char rh_pg_sql_profile_values[];
extern const char rh_pg_sql_query_stats_where[];
extern const char rh_pg_sql_refresh_is_foreign[];
extern const char rh_pg_sql_replay_look[];
extern const char rh_pg_sql_replay_waits[];
extern const char rh_pg_sql_sequences[];
extern const char rh_pg_sql_sequences_restore[];
extern const char rh_pg_sql_source_notes[];
extern const char rh_pg_sql_statistics_analyze[];
extern const char rh_pg_sql_statistics_columns[];
extern const char rh_pg_sql_statistics_extended[];
extern const char rh_pg_sql_statistics_forget[];
extern const char rh_pg_sql_statistics_forget_all[];
extern const char rh_pg_sql_statistics_hide_indexes[];
extern const char rh_pg_sql_statistics_put_18[];
extern const char rh_pg_sql_statistics_put_columns[];
extern const char rh_pg_sql_statistics_put_relations[];
extern const char rh_pg_sql_statistics_relations[];
extern const char rh_pg_sql_statistics_view[];
extern const char rh_pg_sql_structure[];
extern const char rh_pg_sql_structure_texts[];
extern const char rh_pg_sql_system_id[];
extern const char rh_pg_sql_tables[];
extern const char rh_pg_sql_trial_put_back[];
extern const char rh_pg_sql_trial_save[];

#endif
