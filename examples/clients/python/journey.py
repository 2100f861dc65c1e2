"""A day at the clinic: the front desk books, the provider injects, the patient reads."""

import os
from typing import Protocol, TypeVar

from tautband_client import AuthenticatedClient, Client, models
from tautband_client.api.care import list_own_follow_ups
from tautband_client.api.findings import record_palpation
from tautband_client.api.lots import list_lots
from tautband_client.api.practice import list_appointment_types
from tautband_client.api.procedures import acknowledge_checks, add_injection, add_solution, begin_procedure
from tautband_client.api.procedures import complete_procedure, get_procedure, get_procedure_safety, plan_procedure
from tautband_client.api.scheduling import book_appointment, check_in_appointment, search_slots
from tautband_client.api.signing_in import get_me, log_in
from tautband_client.api.visits import get_visit, open_visit, sign_visit


class Reply(Protocol):
    """What an operation answered."""

    @property
    def parsed(self) -> object: ...


Answer = TypeVar("Answer")


def the(kind: type[Answer], reply: Reply) -> Answer:
    """The answer that was hoped for; a refusal is raised with its words."""
    if not isinstance(reply.parsed, kind):
        raise RuntimeError(reply.parsed)
    return reply.parsed


address, password = os.environ.get("TAUTBAND_URL", "http://127.0.0.1:8080"), "four calm rivers at dawn"


def sign_in(name: str) -> AuthenticatedClient:
    login = models.LogInBody(email=f"{name}@demo.example", password=password)
    tokens = the(models.TokensBody, log_in.sync_detailed(client=Client(base_url=address), body=login))
    return AuthenticatedClient(base_url=address, token=tokens.access_token)


desk, provider, patient = sign_in("front-desk"), sign_in("provider"), sign_in("patient")

# The front desk finds the first free time for an injection, books it, and checks the patient in.
patient_id = the(models.MeBody, get_me.sync_detailed(client=patient)).patient_ids[0]
provider_id = the(models.MeBody, get_me.sync_detailed(client=provider)).provider_id
types = the(models.AppointmentTypePage, list_appointment_types.sync_detailed(client=desk)).items
kind_id = next(kind.id for kind in types if "njection" in kind.name)
assert provider_id
times = search_slots.sync_detailed(client=desk, appointment_type_id=kind_id, provider_id=provider_id, limit=1)
slot = the(models.SlotsBody, times).items[0]
booking = models.BookAppointmentBody(
    patient_id=patient_id, appointment_type_id=kind_id, provider_id=provider_id, location_id=slot.location_id, starts_at=slot.starts_at
)
booked = the(models.AppointmentBody, book_appointment.sync_detailed(client=desk, body=booking))
why = models.RecordOnAnotherDayBody(override=models.OverrideBody(reason="A trial"))
arrived = check_in_appointment.sync_detailed(booked.id, client=desk, if_match=f'"v{booked.version}"', body=why)
the(models.AppointmentBody, arrived)

# The provider feels a point, and plans and begins the procedure.
visit = the(models.VisitBody, open_visit.sync_detailed(client=provider, body=models.OpenVisitBody(appointment_id=booked.id)))
yes, no = models.Finding.YES, models.Finding.NO
palpation = models.RecordPalpationBody(
    muscle_code="trapezius_upper", side=models.Side.LEFT, view=models.View.HN_POST, x="0.27", y="0.70", taut_band=yes,
    hypersensitive_spot=yes, referred_pain=yes, pain_recognised=yes, local_twitch=yes, jump_sign=no, palpable_nodule=no, tenderness_grade=2,
)
point = the(models.PalpationBody, record_palpation.sync_detailed(visit.id, client=provider, body=palpation))
planning = models.PlanProcedureBody(kind=models.ProcedureKind.TRIGGER_POINT_INJECTION, indication_codes=["G44.229"])
planned = the(models.ProcedureBody, plan_procedure.sync_detailed(visit.id, client=provider, body=planning))
consent = models.PutConsentBody(given_by="patient", method=models.ConsentMethod.WRITTEN, text_version="2026-01")
time_out = models.PutTimeOutBody(patient_ok=True, procedure_ok=True, site_ok=True, allergies_ok=True, anticoagulants_ok=True)
ready = models.BeginProcedureBody(consent=consent, time_out=time_out)
begun = begin_procedure.sync_detailed(planned.id, client=provider, if_match=f'"v{planned.version}"', body=ready)
the(models.ProcedureBody, begun)

# She draws up, injects, says what she has read of the checks, completes and signs.
lots = list_lots.sync_detailed(
    client=provider, drug_code="lidocaine", status=models.StatusOfListLots.AVAILABLE, location_id=slot.location_id
)
component = models.AddSolutionComponentBody(
    drug_code="lidocaine", concentration="1", concentration_unit=models.WrittenUnit.PERCENT, volume_ml="1",
    lot_id=the(models.LotPage, lots).items[0].id,
)
syringe = models.AddSolutionBody(label="Lidocaine 1 %", components=[component])
solution = the(models.AddedSolutionBody, add_solution.sync_detailed(planned.id, client=provider, body=syringe))
injection = models.AddInjectionBody(
    point_id=point.point_id, solution_id=solution.id, volume_ml="1", needle_gauge=25, needle_length_mm=38,
    approach=models.Approach.PERPENDICULAR, aspirated=True, twitch_elicited=True,
)
the(models.AddedInjectionBody, add_injection.sync_detailed(planned.id, client=provider, body=injection))
checks = the(models.Safety, get_procedure_safety.sync_detailed(planned.id, client=provider)).checks


def version() -> str:
    return f'"v{the(models.ProcedureBody, get_procedure.sync_detailed(planned.id, client=provider)).version}"'


unread = models.AcknowledgeChecksBody(check_codes=[check.code for check in checks if check.needs_acknowledgement])
if unread.check_codes:
    the(models.ProcedureBody, acknowledge_checks.sync_detailed(planned.id, client=provider, if_match=version(), body=unread))
the(models.CompletedProcedureBody, complete_procedure.sync_detailed(planned.id, client=provider, if_match=version()))
as_read = the(models.VisitBody, get_visit.sync_detailed(visit.id, client=provider))
the(models.VisitBody, sign_visit.sync_detailed(visit.id, client=provider, if_match=f'"v{as_read.version}"'))

# The patient reads the signed visit, and what comes next.
signed = the(models.VisitBody, get_visit.sync_detailed(visit.id, client=patient))
coming = the(models.FollowUpPage, list_own_follow_ups.sync_detailed(client=patient)).items
print(f"{signed.status} visit of {signed.started_at}; next:", ", ".join(f"{one.kind} by {one.due_by}" for one in coming))
