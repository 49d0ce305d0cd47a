-- A restored copy of a database invoices nobody by itself.
UPDATE ir_cron
   SET active = FALSE
 WHERE id IN (
       SELECT res_id
         FROM ir_model_data
        WHERE module = 'maintenance_contract'
          AND model = 'ir.cron'
          AND name = 'ir_cron_invoice_due'
       );
