"""Mail of portals: templates about records, an outbox, sending through SMTP, sent mails on the timeline."""
