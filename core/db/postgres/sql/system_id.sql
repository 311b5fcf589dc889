-- rehearse: the cluster's identity (asked only where the role may)
SELECT system_identifier::text FROM pg_catalog.pg_control_system()
